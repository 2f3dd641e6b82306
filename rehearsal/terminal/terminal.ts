/** One long piece of work, shown while it is under way. */
export interface Step {
  /** What is done of what, and a few words. Anything left out keeps its last value. */
  update(progress: { readonly done?: number; readonly total?: number; readonly note?: string }): void;
  succeed(note?: string): void;
  fail(note?: string): void;
  /** It was not needed, or cannot be done here. */
  skip(note?: string): void;
}

/** Where progress is told. Several steps may be under way at once. */
export interface Terminal {
  step(name: string): Step;
  /** A line that stays. */
  line(text: string): void;
  /** Lines that stay, in columns. Columns of figures are set flush right. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** Ends the live lines; nothing is drawn after it. */
  close(): void;
}

/** What a terminal is made of. */
export interface TerminalOptions {
  readonly stream: { write(text: string): unknown; readonly columns?: number };
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Redraws lines in place; otherwise plain lines, seldom. */
  readonly live: boolean;
  readonly colour: boolean;
}

interface State {
  readonly name: string;
  readonly began: number;
  done?: number;
  total?: number;
  note: string;
  /** When a plain line was last printed. */
  told: number;
  over: boolean;
}

/** Without a terminal a step says something at most this often, milliseconds. */
const PLAIN_INTERVAL = 5000;
/** And a step without news says at least this often that it is still there, milliseconds. */
const SILENCE = 30_000;
const REDRAW_INTERVAL = 120;
const FRAMES = ['-', '\\', '|', '/'];

/** A terminal on a stream. The caller decides whether it is live and coloured (a TTY, NO_COLOR, TERM=dumb). */
export function createTerminal(options: TerminalOptions): Terminal {
  return options.live ? new LiveTerminal(options) : new PlainTerminal(options);
}

/** `1.2 s`, `45 s`, `3 min 5 s`. Rounded once, so that no part reaches 60. */
function seconds(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A note on one line: what programs print may hold line ends and colours, which would spoil lines that are drawn in place. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
}

/** `120/600 (20 %), 32 s, about 2 min 8 s left: note` */
function progressText(state: State, now: number): string {
  const elapsed = now - state.began;
  const { done, total } = state;
  const parts: string[] = [];
  if (done !== undefined && total !== undefined && total > 0) {
    parts.push(`${done}/${total} (${Math.min(100, Math.floor((done / total) * 100))} %)`, seconds(elapsed));
    if (done > 0 && done < total && elapsed > 2000) parts.push(`about ${seconds((elapsed / done) * (total - done))} left`);
  } else {
    parts.push(seconds(elapsed));
  }
  return `${parts.join(', ')}${state.note ? `: ${state.note}` : ''}`;
}

abstract class BaseTerminal implements Terminal {
  protected readonly steps: State[] = [];

  constructor(protected readonly options: TerminalOptions) {}

  step(name: string): Step {
    const state: State = { name, began: this.options.now(), note: '', told: this.options.now(), over: false };
    this.steps.push(state);
    this.began(state);
    const end = (mark: string, colour: number, note = '') => {
      if (state.over) return;
      state.over = true;
      this.steps.splice(this.steps.indexOf(state), 1);
      this.line(`${this.paint(mark, colour)} ${state.name} (${seconds(this.options.now() - state.began)})${note ? `: ${oneLine(note)}` : ''}`);
    };
    return {
      update: ({ done, total, note }) => {
        if (state.over) return;
        if (done !== undefined) state.done = done;
        if (total !== undefined) state.total = total;
        if (note !== undefined) state.note = oneLine(note);
        this.updated(state);
      },
      succeed: (note) => end('ok', 32, note),
      fail: (note) => end('failed', 31, note),
      skip: (note) => end('skipped', 33, note),
    };
  }

  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const width = (column: number) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length));
    const widths = head.map((_, column) => width(column));
    // A cell that begins with a digit or a sign is a figure; a column is one of figures if all of its cells are.
    const figures = head.map((_, column) => rows.length > 0 && rows.every((row) => /^[-+±−]?\d/.test(row[column] ?? '')));
    const text = (row: readonly string[]) => widths.map((wide, column) => (figures[column] ? (row[column] ?? '').padStart(wide) : (row[column] ?? '').padEnd(wide))).join('  ').trimEnd();
    this.line([head, ...rows].map((row) => `  ${text(row)}`).join('\n'));
  }

  abstract line(text: string): void;
  abstract close(): void;
  protected abstract began(state: State): void;
  protected abstract updated(state: State): void;

  private paint(text: string, colour: number): string {
    return this.options.colour ? `\u001b[${colour}m${text}\u001b[0m` : text;
  }
}

class PlainTerminal extends BaseTerminal {
  private readonly timer = setInterval(() => this.stillThere(), PLAIN_INTERVAL);

  constructor(options: TerminalOptions) {
    super(options);
    this.timer.unref();
  }

  line(text: string): void {
    this.options.stream.write(`${text}\n`);
  }

  close(): void {
    clearInterval(this.timer);
  }

  protected began(state: State): void {
    this.line(`.. ${state.name}`);
  }

  protected updated(state: State): void {
    const now = this.options.now();
    if (now - state.told >= PLAIN_INTERVAL) this.tell(state, now);
  }

  /** A step without news: whoever reads a log must be able to tell work from a stall, and see what was last heard. */
  private stillThere(): void {
    const now = this.options.now();
    for (const state of this.steps) if (now - state.told >= SILENCE) this.tell(state, now);
  }

  private tell(state: State, now: number): void {
    state.told = now;
    this.line(`.. ${state.name}: ${progressText(state, now)}`);
  }
}

class LiveTerminal extends BaseTerminal {
  private drawn = 0;
  private frame = 0;
  private closed = false;
  private readonly timer = setInterval(() => this.draw(), REDRAW_INTERVAL);

  constructor(options: TerminalOptions) {
    super(options);
    this.timer.unref();
  }

  line(text: string): void {
    this.erase();
    this.options.stream.write(`${text}\n`);
    this.draw();
  }

  close(): void {
    clearInterval(this.timer);
    this.erase();
    this.closed = true;
  }

  protected began(): void {
    this.draw();
  }

  protected updated(): void { /* the timer draws */ }

  private erase(): void {
    if (this.drawn > 0) this.options.stream.write(`\u001b[${this.drawn}A\u001b[0J`);
    this.drawn = 0;
  }

  private draw(): void {
    if (this.closed) return;
    this.erase();
    this.frame += 1;
    const width = Math.max(20, (this.options.stream.columns ?? 100) - 1);
    const now = this.options.now();
    for (const state of this.steps) {
      const text = `${FRAMES[this.frame % FRAMES.length]} ${state.name}: ${progressText(state, now)}`;
      this.options.stream.write(`${text.length > width ? `${text.slice(0, width - 3)}...` : text}\n`);
      this.drawn += 1;
    }
  }
}
