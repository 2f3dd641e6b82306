/** One long piece of work, shown while it is under way. */
export interface Step {
  /** What is done of what, and a few words. Anything left out keeps its last value. */
  update(progress: { readonly done?: number; readonly total?: number; readonly note?: string }): void;
  succeed(note?: string): void;
  fail(note?: string): void;
}

/** Where progress is told. Several steps may be under way at once. */
export interface Terminal {
  step(name: string): Step;
  /** A line that stays. */
  line(text: string): void;
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
const REDRAW_INTERVAL = 120;
const FRAMES = ['-', '\\', '|', '/'];

/** A terminal on a stream. The caller decides whether it is live and coloured (a TTY, NO_COLOR, TERM=dumb). */
export function createTerminal(options: TerminalOptions): Terminal {
  return options.live ? new LiveTerminal(options) : new PlainTerminal(options);
}

const seconds = (ms: number) => (ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`);

/** `120/600 (20 %), 32 s, about 2 min 8 s left: note` */
function progressText(state: State, now: number): string {
  const elapsed = now - state.began;
  const { done, total } = state;
  const parts: string[] = [];
  if (done !== undefined && total !== undefined && total > 0) {
    parts.push(`${done}/${total} (${Math.floor((done / total) * 100)} %)`, seconds(elapsed));
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
      this.line(`${this.paint(mark, colour)} ${state.name} (${seconds(this.options.now() - state.began)})${note ? `: ${note}` : ''}`);
    };
    return {
      update: ({ done, total, note }) => {
        if (state.over) return;
        if (done !== undefined) state.done = done;
        if (total !== undefined) state.total = total;
        if (note !== undefined) state.note = note;
        this.updated(state);
      },
      succeed: (note) => end('ok', 32, note),
      fail: (note) => end('failed', 31, note),
    };
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
  line(text: string): void {
    this.options.stream.write(`${text}\n`);
  }

  close(): void { /* nothing is drawn in place */ }

  protected began(state: State): void {
    this.line(`.. ${state.name}`);
  }

  protected updated(state: State): void {
    const now = this.options.now();
    if (now - state.told < PLAIN_INTERVAL) return;
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
