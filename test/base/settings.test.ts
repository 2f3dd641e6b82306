import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FaultError } from '../../base/faults';
import { number, oneOf, readSettings, text, url } from '../../base/settings';

const spec = {
  port: number({ env: 'PORT', description: 'port to listen on', min: 1, max: 65535, integer: true, fallback: 8080 }),
  share: number({ env: 'SHARE', description: 'share of requests', min: 0, max: 1, fallback: 0.5 }),
  prometheus: url({ env: 'PROMETHEUS_URL', description: 'where metrics are' }),
  mode: oneOf({ env: 'MODE', description: 'how to run', values: ['shadow', 'lead'], fallback: 'shadow' }),
  token: text({ env: 'TOKEN', description: 'what callers send', fallback: '', secret: true }),
};

describe('readSettings', () => {
  test('reads, converts, falls back, and freezes', () => {
    const settings = readSettings(spec, { PORT: '9000', PROMETHEUS_URL: 'http://prometheus:9090//', MODE: 'lead', OTHER: 'ignored' });
    expect(settings).toEqual({ port: 9000, share: 0.5, prometheus: 'http://prometheus:9090', mode: 'lead', token: '' });
    expect(Object.isFrozen(settings)).toBe(true);
    const mode: 'shadow' | 'lead' = settings.mode; // the compiler knows the words
    expect(mode).toBe('lead');
  });

  test('reports everything that is wrong or missing, at once', () => {
    const act = () => readSettings(spec, { PORT: '0', SHARE: '1.1', MODE: 'loud' });
    expect(act).toThrow(FaultError);
    expect(act).toThrow(/\[PORT\] got: "0"; allowed: a whole number from 1 to 65535; do: set PORT: port to listen on\n.*\[SHARE\].*\n.*\[PROMETHEUS_URL\] got: nothing.*\n.*\[MODE\] got: "loud"; allowed: shadow, lead/);
  });

  test('an empty variable is one that is not set', () => {
    expect(readSettings(spec, { PORT: '', PROMETHEUS_URL: 'https://x' }).port).toBe(8080);
    expect(() => readSettings(spec, { PROMETHEUS_URL: '' })).toThrow(/\[PROMETHEUS_URL\] got: nothing/);
  });

  test('never shows a secret', () => {
    const secret = number({ env: 'PIN', description: 'what callers send', secret: true });
    expect(() => readSettings({ secret }, { PIN: 'hunter2' })).toThrow(/\[PIN\] got: a value that is not accepted/);
    expect(() => readSettings({ secret }, { PIN: 'hunter2' })).not.toThrow(/hunter2/);
  });

  test.each(['ftp://x', 'prometheus:9090', 'http://', '//x', 'javascript:alert(1)'])('%s is no address', (value) => {
    expect(() => readSettings(spec, { PROMETHEUS_URL: value })).toThrow(/allowed: an http\(s\) address/);
  });

  test.each([' ', '0x', '1e999', '1,5', 'NaN', 'Infinity', '8080x', '8080.5'])('%s is no port', (value) => {
    expect(() => readSettings(spec, { PORT: value, PROMETHEUS_URL: 'http://x' })).toThrow(/\[PORT\]/);
  });

  test('whatever a variable holds, the result fits or the fault says what would', () => {
    const variables = fc.record({
      PORT: fc.string(), SHARE: fc.string(), PROMETHEUS_URL: fc.oneof(fc.string(), fc.webUrl()), MODE: fc.string(), TOKEN: fc.string(),
    }, { requiredKeys: [] });
    fc.assert(fc.property(variables, (environment) => {
      try {
        const { port, share, prometheus, mode } = readSettings(spec, environment);
        expect(Number.isInteger(port) && port >= 1 && port <= 65535 && share >= 0 && share <= 1).toBe(true);
        expect(prometheus).toMatch(/^https?:\/\/.*[^/]$/i);
        expect(['shadow', 'lead']).toContain(mode);
      } catch (error) {
        if (!(error instanceof FaultError)) throw error;
        for (const fault of error.faults) expect(Object.values(spec).map(({ env }) => env)).toContain(fault.where);
      }
    }));
  });
});
