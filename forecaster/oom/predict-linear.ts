/**
 * The baseline everybody has: Prometheus' `predict_linear(usage[1h], 3600) > limit`, ordinary least squares over the last hour.
 *
 * @param usage one value per minute
 * @returns per minute: 1 while the line is above the limit an hour from then
 */
export function predictLinearAlarms(usage: ArrayLike<number>, limit: number, windowMinutes = 60, horizonMinutes = 60): Uint8Array {
  const alarm = new Uint8Array(usage.length);
  for (let minute = 0; minute < usage.length; minute++) {
    let n = 0;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let sxy = 0;
    for (let i = Math.max(0, minute - windowMinutes + 1); i <= minute; i++) {
      const y = usage[i]!;
      if (!Number.isFinite(y)) continue;
      const x = i - minute;
      n += 1;
      sx += x;
      sy += y;
      sxx += x * x;
      sxy += x * y;
    }
    const spread = n * sxx - sx * sx;
    if (n < 2 || spread === 0) continue;
    const slope = (n * sxy - sx * sy) / spread;
    alarm[minute] = (sy - slope * sx) / n + slope * horizonMinutes > limit ? 1 : 0;
  }
  return alarm;
}
