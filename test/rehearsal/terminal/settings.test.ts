import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { terminalSettings } from '../../../rehearsal/settings';

beforeEach(() => {
  for (const [name, value] of [['TERM', 'xterm-256color'], ['NO_COLOR', ''], ['CI', undefined]] as const) vi.stubEnv(name, value);
});
afterEach(() => void vi.unstubAllEnvs());

describe('how progress may be drawn', () => {
  it('is live and in colour on a terminal', () => {
    expect(terminalSettings(true)).toEqual({ live: true, colour: true });
  });

  it('is plain where there is no terminal', () => {
    expect(terminalSettings(false)).toEqual({ live: false, colour: false });
  });

  it('has no colour if NO_COLOR says so', () => {
    vi.stubEnv('NO_COLOR', '1');
    expect(terminalSettings(true)).toEqual({ live: true, colour: false });
  });

  it('is plain on a terminal that moves no cursor, and where a log is kept', () => {
    vi.stubEnv('TERM', 'dumb');
    expect(terminalSettings(true)).toEqual({ live: false, colour: false });
    vi.stubEnv('TERM', 'xterm');
    vi.stubEnv('CI', 'true');
    expect(terminalSettings(true)).toEqual({ live: false, colour: false });
  });
});
