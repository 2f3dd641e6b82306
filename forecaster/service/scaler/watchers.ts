/** The part of a server stream that pushing needs. */
export interface PushStream<T> {
  write(message: T): unknown;
  end(): void;
  on(event: 'cancelled' | 'error' | 'close', listener: () => void): unknown;
}

interface Watch {
  /** Sends what is to be told now: everything, or only what differs from the last time. */
  readonly push: (always: boolean) => void;
  readonly end: () => void;
}

/** What a set of watchers is told by. */
export interface WatchersOptions {
  /** Milliseconds between two messages when nothing changes: a client sees that the stream lives. */
  readonly intervalMs: number;
  /** Watchers beyond this are not taken on. */
  readonly most: number;
}

/** Open streams: each is told its value when it opens, when it changes, and every now and then. One timer serves all of them. */
export class Watchers {
  private readonly watches = new Set<Watch>();
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(private readonly options: WatchersOptions) {}

  get size(): number {
    return this.watches.size;
  }

  /**
   * Takes a stream on, or says that there are too many.
   *
   * @param read the message to send now
   */
  add<T>(stream: PushStream<T>, read: () => T): boolean {
    if (this.ended || this.watches.size >= this.options.most) return false;
    let last: string | undefined;
    const watch: Watch = {
      push: (always) => {
        const message = read();
        const text = JSON.stringify(message);
        if (!always && text === last) return;
        last = text;
        stream.write(message);
      },
      end: () => stream.end(),
    };
    for (const event of ['cancelled', 'error', 'close'] as const) stream.on(event, () => this.remove(watch));
    this.watches.add(watch);
    watch.push(true);
    this.timer ??= setInterval(() => this.push(true), this.options.intervalMs).unref();
    return true;
  }

  /** Tells every stream whose value has changed. */
  changed(): void {
    this.push(false);
  }

  /** Ends every stream; none is taken on any more. */
  end(): void {
    this.ended = true;
    clearInterval(this.timer);
    for (const watch of this.watches) watch.end();
    this.watches.clear();
  }

  private push(always: boolean): void {
    for (const watch of this.watches) watch.push(always);
  }

  private remove(watch: Watch): void {
    this.watches.delete(watch);
    if (this.watches.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
