import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { readOptions } from '../../../pricing/change/options';
import { cacheFolder, gitEnvironment } from '../../../pricing/change/settings';

describe('readOptions', () => {
  it('reads every flag', () => {
    expect(readOptions(['--against', 'main', '--environment=dev', '--format', 'json', '--out', 'o', '--usage', 'u', '--manifests', 'm', '--fail-above', '12.5'])).toEqual({
      against: 'main', environment: 'dev', format: 'json', out: 'o', usage: 'u', manifests: 'm', failAbove: 12.5,
    });
    expect(readOptions([])).toEqual({ format: 'text', manifests: 'dist' });
    expect(readOptions(['--help'])).toBe('help');
  });

  it('says everything that is wrong at once', () => {
    const faults = (argv: readonly string[]) => {
      try {
        readOptions(argv);
        return [];
      } catch (error) {
        return (error as FaultError).faults.map(({ where, got }) => `${where} ${got}`);
      }
    };
    expect(faults(['main', '--aginst', 'x', '--format', 'pdf', '--fail-above', '-1'])).toEqual([
      'arguments "main"', 'arguments --aginst', 'arguments "x"', '--format "pdf"', '--fail-above "-1"', '--fail-above nothing to compare with',
    ]);
    expect(faults(['--against'])).toEqual(['--against nothing']);
    expect(faults(['--out='])).toEqual(['--out nothing']);
  });
});

describe('settings', () => {
  it('keep syntheses where every cache of ours is', () => {
    expect(cacheFolder({ TIDELINE_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/c/price');
    expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/tideline/price');
    expect(cacheFolder({ HOME: '/h' })).toBe('/h/.cache/tideline/price');
    expect(() => cacheFolder({ TIDELINE_CACHE: 'c' })).toThrow(/TIDELINE_CACHE.*an absolute path/);
  });

  it('do not let a hook point git at another repository', () => {
    expect(gitEnvironment({ GIT_DIR: '/elsewhere', GIT_INDEX_FILE: '/i', PATH: '/bin' })).toEqual({ PATH: '/bin', LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' });
  });
});
