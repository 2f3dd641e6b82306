import { join } from 'node:path';
import { bytes, claimed } from './format';
import type { Report } from './schema';
import { outcome, verdict } from './verdict';

/** The few lines that end a run on the console. */
export function summary(report: Report, folder: string): string {
  const count = (status: string) => report.checks.filter((check) => check.status === status).length;
  const { passed, reasons } = outcome(report);
  const { price, agreement, forecast } = report;
  const lines = [
    '',
    `${report.environment}, ${report.trace.hours} h of ${report.trace.name}, level ${report.level}${report.fallback ? ` (asked: ${report.fallback.asked})` : ''}, ${claimed(report.level)}`,
    verdict(report),
    ...report.policies.map((policy) => `  ${policy.name.padEnd(11)} ${String(policy.violationMinutes).padStart(4)} violation min  ${policy.replicaHours.toFixed(1).padStart(7)} replica-hours  ${policy.costUsd.toFixed(3).padStart(8)} USD  ${String(policy.scaleEvents).padStart(4)} changes`),
    `forecast ${forecast.horizonMinutes} min ahead: MASE ${figure(forecast.mase)}, 80 % band covered ${percent(forecast.coverage80)}, 95 % band ${percent(forecast.coverage95)}`,
    ...(agreement.simulatorVsHpa ?? []).map((each) => `simulator and real HPA, ${each.policy}: ${percent(each.equalShare)} of ${each.minutes} minutes equal`),
    ...kindLines(report),
    `price ${price.monthlyUsd === null ? 'unknown' : `${price.monthlyUsd.toFixed(2)} USD a month`}, budget ${price.budgetMonthlyUsd}; checks: ${count('pass')} passed, ${count('fail')} failed, ${count('open')} open`,
    ...(report.level === 'simulate' ? [] : [`left over after teardown: ${report.teardown.leftovers.length === 0 ? 'nothing' : report.teardown.leftovers.join(', ')}`]),
    passed ? 'passed' : `failed: ${reasons.join('; ')}`,
    `report: ${join(folder, 'report.html')}`,
  ];
  return lines.join('\n');
}

/** What only real containers can tell. */
function kindLines({ agreement: { plantVsKind }, images, leftOut, gitops, cluster, policies }: Report): string[] {
  return [
    ...policies.flatMap(({ measured }) => (measured ? [`measured: ${measured.requests} requests, ${measured.failed + measured.notSent} failed or not sent`] : [])),
    ...(plantVsKind ? [`plant and real pods: latency ${percent(plantVsKind.contract.latencyP95.meanRelative)}, CPU ${percent(plantVsKind.contract.cpuMillicoresPerReplica.meanRelative)}, replicas ${percent(plantVsKind.contract.replicas.meanRelative)} apart; `
      + `calibrated ${percent(plantVsKind.calibrated.latencyP95.meanRelative)}, ${percent(plantVsKind.calibrated.cpuMillicoresPerReplica.meanRelative)}, ${percent(plantVsKind.calibrated.replicas.meanRelative)}`] : []),
    ...(gitops ? [`Argo CD: ${gitops.applications.filter(({ sync, health }) => sync === 'Synced' && health === 'Healthy').length} of ${gitops.applications.length} applications synced and healthy`] : []),
    ...(cluster ? [`cluster: Kubernetes ${cluster.kubernetesVersion}, ready after ${cluster.readySeconds.toFixed(0)} s, at most ${bytes(cluster.memoryPeakBytes)}`] : []),
    ...(images ? [`images: ${images.length}, ${images.filter(({ standIn }) => standIn !== undefined).length} of them stand-ins`] : []),
    ...(leftOut ?? []).map(({ what, why }) => `left out: ${what}: ${why}`),
  ];
}

function figure(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(2);
}

function percent(value: number | null): string {
  return value === null ? 'unknown' : `${(value * 100).toFixed(1)} %`;
}
