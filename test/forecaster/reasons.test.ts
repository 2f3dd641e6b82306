import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reasonCodes } from '../../forecaster/reasons';

describe('reason codes', () => {
  it('are those that the README explains, in the same words', () => {
    const readme = readFileSync(join(__dirname, '../../forecaster/README.md'), 'utf8');
    const table = readme.split('## Reasons')[1]!.split('\n## ')[0]!;
    const documented = [...table.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
    expect(documented).toEqual(Object.entries(reasonCodes));
  });
});
