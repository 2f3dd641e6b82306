import type { LoadReport, SaveReport, StateStore } from './state-store';
import type { Store } from './store';

/** What a {@link StateKeeper} works with. */
export interface StateKeeperOptions {
  readonly files: Pick<StateStore, 'load' | 'save'>;
  readonly store: Store;
  /** Between two writings, by this machine's clock. */
  readonly intervalSeconds: number;
  /** In [0, 1): the first writing is put off by this share of an interval, so that shards do not write all at once. @default - 0 */
  readonly random?: () => number;
  /** Told once, at the start. @default - nobody is told */
  readonly onLoad?: (report: LoadReport) => void;
  /** Told of every writing. @default - nobody is told */
  readonly onSave?: (report: SaveReport) => void;
  /** Told of every writing that failed; the service goes on. @default - nobody is told */
  readonly onFailure?: (error: Error) => void;
}

/** Keeps what was learned: reads it at the start, writes it at intervals and at the end, never twice at once. */
export class StateKeeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  /** What is not taken up yet must not be overwritten. */
  private loading = false;

  constructor(private readonly options: StateKeeperOptions) {}

  /** Takes up what was kept. Never throws. */
  async load(): Promise<LoadReport> {
    this.loading = true;
    const report = await this.options.files.load(this.options.store);
    this.loading = false;
    this.options.onLoad?.(report);
    return report;
  }

  /** Writes at every interval, until {@link stop}. */
  start(): void {
    this.schedule(1 + (this.options.random?.() ?? 0));
  }

  /** Ends the writing at intervals and writes a last time. Never throws. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
    await this.save();
  }

  /** Writes now, unless what was kept is still being taken up. Never throws. */
  async save(): Promise<void> {
    if (this.loading) return;
    try {
      this.options.onSave?.(await this.options.files.save(this.options.store));
    } catch (error) {
      this.options.onFailure?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private schedule(intervals: number): void {
    this.timer = setTimeout(() => {
      this.running = this.save().then(() => { if (!this.stopped) this.schedule(1); });
    }, this.options.intervalSeconds * 1000 * intervals);
    this.timer.unref();
  }
}
