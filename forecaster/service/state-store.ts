import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isTemporaryOf, writeFileAtomicFrom } from '../../base/atomic-file';
import { owns, type Shard } from './shards';
import { readState, StateFileError, type StateProblem, writeState } from './state-file';
import type { KeptEntry, Store } from './store';

/** Where state is kept, and how much of it. */
export interface StateStoreOptions {
  readonly directory: string;
  readonly shard: Shard;
  /** Resolution of every series, seconds. */
  readonly stepSeconds: number;
  /** A state file is never longer, bytes. @default 268435456 */
  readonly maxBytes?: number;
}

/** What came of reading state. */
export interface LoadReport {
  /** Series that need not be learned again. */
  readonly restored: number;
  /** Series that belong to another shard now. */
  readonly elsewhere: number;
  /** Series that the engine, or a full store, did not take. */
  readonly refused: number;
  /** Why not everything was taken up. @default - everything was, or there was no file */
  readonly problem?: StateProblem;
  /** One sentence for people. */
  readonly message: string;
}

/** What came of writing state. */
export interface SaveReport {
  readonly series: number;
  readonly bytes: number;
  /** Series that did not fit. */
  readonly leftOut: number;
}

const MAX_BYTES = 256 * 1024 * 1024;

/** The state of one shard in one file. */
export class StateStore {
  readonly path: string;
  private readonly maxBytes: number;

  constructor(private readonly options: StateStoreOptions) {
    // The number of shards is no part of the name: when it changes, a shard keeps what is still its own.
    this.path = join(options.directory, `forecaster-shard-${options.shard.index}.state`);
    this.maxBytes = options.maxBytes ?? MAX_BYTES;
  }

  /** Takes up what was kept. Never throws: what cannot be read is learned again. */
  async load(store: Store): Promise<LoadReport> {
    const { shard, stepSeconds } = this.options;
    let [restored, elsewhere, refused] = [0, 0, 0];
    let problem: StateProblem | undefined;
    let because = '';
    try {
      await this.tidy();
      for await (const record of readState(this.pieces(), stepSeconds)) {
        if (!owns(shard, record.namespace, record.service)) elsewhere += 1;
        else if (store.restore(record)) restored += 1;
        else refused += 1;
      }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT') return { restored, elsewhere, refused, message: `there is no state in ${this.path}: everything is learned from Prometheus` };
      problem = error instanceof StateFileError ? error.problem : 'unreadable';
      because = error instanceof StateFileError ? error.message : `it cannot be read (${code ?? String(error)})`;
    }
    if (!problem && refused > 0) {
      problem = 'incompatible';
      because = `${refused} series in it are of another version or too many`;
    }
    const taken = `${restored} series are taken up from ${this.path}`;
    return { restored, elsewhere, refused, ...(problem ? { problem } : {}), message: problem ? `${taken}, all others are learned from Prometheus: ${because}` : taken };
  }

  /**
   * Writes what is known. Series are packed one after the other while others work: each is whole, but one may be a moment newer than another.
   *
   * @throws FaultError when the disk is full or refuses; the file there was stays as it is
   */
  async save(store: Store): Promise<SaveReport> {
    const { shard, stepSeconds } = this.options;
    const entries = store.all();
    let leftOut = 0;
    let series = 0;
    function* records(): Generator<KeptEntry> {
      for (const entry of entries) {
        const record = store.keep(entry);
        if (!record) continue;
        series += 1;
        yield record;
      }
    }
    const bytes = await writeFileAtomicFrom(this.path, writeState({ stepSeconds, shard }, records(), this.maxBytes, () => { leftOut += 1; }), 0o600);
    return { series: series - leftOut, bytes, leftOut };
  }

  private async* pieces(): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const piece of createReadStream(this.path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > this.maxBytes) throw new StateFileError('too_large', `it is longer than ${this.maxBytes} bytes`);
      yield piece;
    }
  }

  /** A process that was killed while it wrote left its temporary file. Nobody else writes here: a shard's folder is its own. */
  private async tidy(): Promise<void> {
    const folder = dirname(this.path);
    await mkdir(folder, { recursive: true }).catch(() => undefined); // a folder that cannot be made shows when it is written to
    const names = await readdir(folder).catch(() => []);
    for (const name of names) if (isTemporaryOf(this.path, name)) await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}
