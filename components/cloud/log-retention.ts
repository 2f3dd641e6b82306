import { Fault, show } from '../../base/faults';

/** Days CloudWatch Logs can keep events for; it takes no others. @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** What is wrong with a retention, if anything. */
export function logRetentionFaults(days: number, where: string): Fault[] {
  if ((LOG_RETENTION_DAYS as readonly number[]).includes(days)) return [];
  const next = LOG_RETENTION_DAYS.find((allowed) => allowed >= days);
  return [{ where, got: `${show(days)} days`, allowed: LOG_RETENTION_DAYS.join(', '), do: next ? `choose ${next}, the next one up` : 'choose one of these' }];
}
