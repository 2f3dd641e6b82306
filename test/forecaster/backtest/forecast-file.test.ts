import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { ForecastFile } from '../../../forecaster/backtest/forecast-file';

describe('the file of forecasts', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tideline-forecasts-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('takes its name when it is complete, and not before', () => {
    const path = join(folder, 'deep/f.jsonl');
    const file = new ForecastFile(path);
    file.append({ id: 'a' });
    file.append({ id: 'b' });
    expect(readdirSync(join(folder, 'deep'))).toEqual([]);
    file.finish();
    file.discard();
    expect(readFileSync(path, 'utf8')).toBe('{"id":"a"}\n{"id":"b"}\n');
  });

  it('leaves nothing when it is discarded, however much was written, and keeps the old one', () => {
    const path = join(folder, 'old.jsonl');
    writeFileSync(path, 'old');
    const file = new ForecastFile(path);
    const long = 'x'.repeat(16 * 1024 * 1024);
    for (let line = 0; line < 5; line++) file.append({ long });
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
    file.discard();
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('holds no line when there was none', () => {
    const path = join(folder, 'empty.jsonl');
    new ForecastFile(path).finish();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('is refused at the start when it cannot be written', () => {
    writeFileSync(join(folder, 'no-folder'), '');
    expect(() => new ForecastFile(join(folder, 'no-folder/f.jsonl'))).toThrow(FaultError);
  });
});
