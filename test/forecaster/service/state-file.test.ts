import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readState, STATE_VERSION, type StateFileError, writeState } from '../../../forecaster/service/state-file';
import type { KeptEntry } from '../../../forecaster/service/store';

const HEADER = { stepSeconds: 60, shard: { index: 1, count: 3 } };
const record = (service: string, bytes = [1, 2, 3]): KeptEntry => ({
  namespace: 'shop', service, metric: 'requests', askedUntil: 1_700_000_040, lastValue: 0.1 + 0.2, ladder: { version: 1, step: 'lead' }, forecaster: Uint8Array.from(bytes),
});
const written = (records: readonly KeptEntry[], maxBytes = 1e8, leftOut: KeptEntry[] = []) =>
  Buffer.concat([...writeState(HEADER, records, maxBytes, (each) => leftOut.push(each))]);

/** All records that can be read, and why not more. */
async function read(bytes: Uint8Array, pieceLength = 64 * 1024, stepSeconds = 60) {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceLength) }, (_, i) => bytes.subarray(i * pieceLength, (i + 1) * pieceLength));
  const records: KeptEntry[] = [];
  try {
    for await (const each of readState(pieces, stepSeconds)) records.push(each);
  } catch (error) {
    return { records, problem: (error as StateFileError).problem };
  }
  return { records };
}

const anyRecord: fc.Arbitrary<KeptEntry> = fc.record({
  namespace: fc.string({ minLength: 1 }),
  service: fc.string({ minLength: 1, unit: 'binary' }),
  metric: fc.constantFrom('requests' as const, 'cpu' as const),
  askedUntil: fc.integer(),
  ladder: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
  forecaster: fc.uint8Array({ maxLength: 500 }),
});

describe('a state file', () => {
  it('gives back what was written, however it arrives', async () => {
    await fc.assert(fc.asyncProperty(fc.array(anyRecord, { maxLength: 8 }), fc.integer({ min: 1, max: 300 }), async (records, piece) => {
      expect(await read(written(records), piece)).toEqual({ records });
    }), { numRuns: 60 });
  });

  it('cut anywhere, gives the series before the cut and says so', async () => {
    const records = ['a', 'b', 'c'].map((service) => record(service));
    const whole = written(records);
    for (let length = 0; length < whole.length; length++) {
      const { records: got, problem } = await read(whole.subarray(0, length));
      expect(problem).toBe(length < 8 ? 'foreign' : 'truncated');
      expect(got).toEqual(records.slice(0, got.length));
    }
  });

  it('with any byte changed, never gives a record that was not written', async () => {
    const records = ['a', 'b', 'c'].map((service) => record(service));
    const whole = written(records);
    await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at]! + change) % 256;
      const { records: got, problem } = await read(bytes);
      expect(problem).toBeDefined();
      expect(got).toEqual(records.slice(0, got.length));
    }), { numRuns: 400 });
  });

  it('is read from any bytes at all without another error than its own', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (bytes, ours) => {
      const { records, problem } = await read(ours ? Buffer.concat([Buffer.from('TDLSTATE'), bytes]) : bytes);
      expect(records).toEqual([]);
      expect(['foreign', 'truncated', 'damaged']).toContain(problem);
    }));
  });

  it('of another version or another resolution is refused', async () => {
    const [, header] = /({"version":\d+.*?}})/.exec(written([]).toString('latin1'))!;
    expect(JSON.parse(header!)).toEqual({ version: STATE_VERSION, ...HEADER });
    expect((await read(written([record('a')]), 1000, 300)).problem).toBe('other_step');
    const older = Buffer.concat([...writeState({ ...HEADER, version: STATE_VERSION - 1 } as never, [record('a')], 1e6)]);
    expect(await read(older)).toEqual({ records: [], problem: 'other_version' });
  });

  it('with something behind its end is damaged', async () => {
    const whole = written([record('a')]);
    expect(await read(Buffer.concat([whole, whole.subarray(8)]))).toMatchObject({ problem: 'damaged' });
  });

  it('is never longer than allowed: what does not fit is left out, and told', async () => {
    const records = Array.from({ length: 50 }, (_, i) => record(`s${i}`, new Array<number>(100).fill(i)));
    const leftOut: KeptEntry[] = [];
    const bytes = written(records, 3000, leftOut);
    expect(bytes.length).toBeLessThanOrEqual(3000);
    expect(leftOut.length).toBeGreaterThan(0);
    expect((await read(bytes)).records).toEqual(records.filter((each) => !leftOut.includes(each)));
  });
});
