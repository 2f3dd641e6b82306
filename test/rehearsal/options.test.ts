import { describe, expect, it } from 'vitest';
import { Fault, FaultError } from '../../base/faults';
import { Options, readOptions, USAGE } from '../../rehearsal/options';

function faultsOf(argv: readonly string[]): readonly Fault[] {
  try {
    readOptions(argv);
  } catch (error) {
    if (error instanceof FaultError) return error.faults;
    throw error;
  }
  return [];
}

describe('readOptions', () => {
  it('rehearses dev on the control plane when nothing is asked', () => {
    expect(readOptions([])).toEqual({
      level: 'control-plane', environment: 'dev', trace: undefined, hours: undefined, speed: 120, out: undefined, keep: false, images: 'auto', nodes: 1, seed: 1, stopForecasterAt: undefined,
    });
  });

  it.each<[readonly string[], Partial<Options>]>([
    [['--level', 'simulate'], { level: 'simulate' }],
    [['--level=control-plane'], { level: 'control-plane' }],
    [['--level', 'kind'], { level: 'kind', speed: 6, images: 'auto', nodes: 1 }],
    [['--level', 'kind', '--speed', '1', '--images', 'build', '--nodes', '3'], { speed: 1, images: 'build', nodes: 3 }],
    [['--environment', 'prod'], { environment: 'prod' }],
    [['--trace', 'my trace.csv'], { trace: 'my trace.csv' }],
    [['--trace', 'all'], { trace: 'all' }],
    [['--hours', '0.5'], { hours: 0.5 }],
    [['--hours', '336'], { hours: 336 }],
    [['--speed', '1'], { speed: 1 }],
    [['--speed', '240'], { speed: 240 }],
    [['--out', '/tmp/somewhere'], { out: '/tmp/somewhere' }],
    [['--keep'], { keep: true }],
    [['--seed', '0'], { seed: 0 }],
    [['--stop-forecaster-at', '0'], { stopForecasterAt: 0 }],
    [['--stop-forecaster-at', '12.5'], { stopForecasterAt: 12.5 }],
  ])('reads %j', (argv, wanted) => expect(readOptions(argv)).toMatchObject(wanted));

  it.each([
    [['--level', 'cloud'], '--level', '"cloud"', 'simulate, control-plane, kind'],
    [['--images', 'bake'], '--images', '"bake"', 'auto, build, pull'],
    [['--nodes', '2'], '--nodes', '"2"', '1, 3'],
    [['--environment', 'mars'], '--environment', '"mars"', 'dev, staging, prod'],
    [['--hours', '0.4'], '--hours', '"0.4"', 'a number from 0.5 to 336'],
    [['--hours', '337'], '--hours', '"337"', 'a number from 0.5 to 336'],
    [['--hours', ' '], '--hours', '" "', 'a number from 0.5 to 336'],
    [['--speed', '0'], '--speed', '"0"', 'a number from 1 to 240'],
    [['--speed', 'NaN'], '--speed', '"NaN"', 'a number from 1 to 240'],
    [['--speed', 'Infinity'], '--speed', '"Infinity"', 'a number from 1 to 240'],
    [['--seed', '1.5'], '--seed', '"1.5"', 'a whole number from 0 to 2147483647'],
    [['--seed=-1'], '--seed', '"-1"', 'a whole number from 0 to 2147483647'],
    [['--stop-forecaster-at', 'soon'], '--stop-forecaster-at', '"soon"', 'a number from 0 to 20160'],
    [['--out', ''], '--out', 'no value', 'a value after the flag'],
    [['--trace='], '--trace', 'no value', 'a value after the flag'],
  ])('refuses %j', (argv, where, got, allowed) => {
    expect(faultsOf(argv)).toEqual([expect.objectContaining({ where, got, allowed })]);
  });

  it.each(['level', 'environment', 'trace', 'hours', 'speed', 'out', 'images', 'nodes', 'seed', 'stop-forecaster-at'])('misses the value of --%s, at the end and before another flag', (name) => {
    expect(faultsOf([`--${name}`])).toContainEqual(expect.objectContaining({ where: `--${name}`, got: 'no value' }));
    expect(faultsOf([`--${name}`, '--keep'])).toContainEqual(expect.objectContaining({ where: `--${name}`, got: 'no value' }));
  });

  it('refuses a flag twice, of which one would be forgotten', () => {
    expect(faultsOf(['--hours', '1', '--hours', '2'])).toEqual([expect.objectContaining({ where: '--hours', got: 'given twice' })]);
  });

  it('refuses a value for a flag that takes none', () => {
    expect(faultsOf(['--keep=no'])).toEqual([expect.objectContaining({ where: '--keep', got: '"no"' })]);
  });

  it('names every fault at once: unknown flags, words and values', () => {
    const where = faultsOf(['--levle', 'simulate', '--speed', 'fast', '-x', '--environment', 'mars', '--seed']).map((fault) => fault.where);
    expect(where).toEqual(expect.arrayContaining(['--levle', 'argument "simulate"', '--speed', '-x', '--environment', '--seed']));
    expect(where).toHaveLength(6);
  });

  it('explains every flag it reads', () => {
    expect(readOptions(['--help'])).toBe('help');
    const told = faultsOf(['--unknown'])[0]!.allowed.split(', ');
    expect(told.length).toBeGreaterThan(8);
    for (const flag of told) expect(USAGE).toContain(flag);
  });
});
