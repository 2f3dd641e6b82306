import { describe, expect, it } from 'vitest';
import { countAlarms, poolCounts } from '../../../forecaster/oom/alarm-scores';
import { predictLinearAlarms } from '../../../forecaster/oom/predict-linear';

/** Minutes with the alarm on in the given ranges, ends excluded. */
function alarms(minutes: number, ...ranges: readonly (readonly [number, number])[]): Uint8Array {
  const alarm = new Uint8Array(minutes);
  for (const [from, to] of ranges) alarm.fill(1, from, to);
  return alarm;
}

describe('scores of alarms', () => {
  it('counts minutes against the hour before the kill', () => {
    const counts = countAlarms({ id: 'a', kind: 'linear', oomMinute: 200, alarm: alarms(200, [120, 200]) });
    expect(counts).toMatchObject({ truePositive: 60, falsePositive: 20, falseNegative: 0, leadMinutes: 80, falseAlarms: 1 });
  });

  it('bridges silences of ten minutes, not of eleven', () => {
    const bridged = countAlarms({ id: 'a', kind: 'linear', oomMinute: 200, alarm: alarms(200, [150, 160], [170, 200]) });
    const broken = countAlarms({ id: 'a', kind: 'linear', oomMinute: 200, alarm: alarms(200, [150, 159], [170, 200]) });
    expect(bridged.leadMinutes).toBe(50);
    expect(broken.leadMinutes).toBe(30);
  });

  it('misses a kill when the alarm has ended more than ten minutes before', () => {
    expect(countAlarms({ id: 'a', kind: 'linear', oomMinute: 200, alarm: alarms(200, [150, 190]) }).leadMinutes).toBe(50);
    expect(countAlarms({ id: 'a', kind: 'linear', oomMinute: 200, alarm: alarms(200, [150, 189]) }).leadMinutes).toBeNull();
  });

  it('merges false episodes that are close, and counts days', () => {
    const counts = countAlarms({ id: 'c', kind: 'flat', oomMinute: null, alarm: alarms(2880, [10, 11], [21, 22], [33, 34]) });
    expect(counts).toMatchObject({ falseAlarms: 2, days: 2, falsePositive: 3, falseNegative: 0, leadMinutes: null });
  });

  it('pools over minutes, and says null for what cannot be measured', () => {
    const leak = countAlarms({ id: 'a', kind: 'linear', oomMinute: 100, alarm: alarms(100, [70, 100]) });
    const missed = countAlarms({ id: 'b', kind: 'linear', oomMinute: 100, alarm: alarms(100) });
    const control = countAlarms({ id: 'c', kind: 'flat', oomMinute: null, alarm: alarms(1440, [0, 10]) });
    const scores = poolCounts([leak, missed, control]);
    expect(scores).toMatchObject({ precision: 0.75, recall: 0.25, f1: 0.375, missed: 1, leaks: 2, leadMedian: 15, falseAlarmsPerDayControls: 1, controlsWithFalseAlarm: 1 });
    expect(poolCounts([control])).toMatchObject({ recall: null, f1: null, leadMedian: null, falseAlarmsPerDayLeaks: null });
  });
});

describe('predict_linear', () => {
  const line = Float64Array.from({ length: 200 }, (_, minute) => 100 + minute);

  it('fires when the line of the last hour is above the limit an hour from now', () => {
    const alarm = predictLinearAlarms(line, 250.5);
    expect(alarm.indexOf(1)).toBe(91); // 100 + 91 + 60 > 250.5
    expect(alarm.slice(91).every((on) => on === 1)).toBe(true);
  });

  it('stays silent on a flat line below the limit, and skips missing minutes', () => {
    expect(predictLinearAlarms(new Float64Array(100).fill(5), 6).some((on) => on === 1)).toBe(false);
    const gappy = line.map((value, minute) => (minute % 3 === 0 ? NaN : value));
    expect(predictLinearAlarms(gappy, 250.5).indexOf(1)).toBe(91);
  });
});
