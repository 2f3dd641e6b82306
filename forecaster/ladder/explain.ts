import { type LadderReason, ladderReasons, type LadderStep, rankOf, type Skill } from './steps';

/** One sentence that says what happened and why, with the numbers it rests on. */
export function explain(from: LadderStep, to: LadderStep, reasons: readonly LadderReason[], evidence: Skill & { readonly stalenessSeconds: number }): string {
  const way = rankOf(to) > rankOf(from) ? 'rose' : 'fell';
  return `${way} from ${from} to ${to}: ${reasons.map((reason) => ladderReasons[reason]).join('; ')} (${numbers(evidence)})`;
}

function numbers({ judged, relativePinball, coverage80, coverage95, stalenessSeconds }: Skill & { readonly stalenessSeconds: number }): string {
  const share = (value: number | null) => (value === null ? 'unknown' : `${(100 * value).toFixed(0)} %`);
  const age = stalenessSeconds === Number.MAX_VALUE ? 'unknown' : `${Math.round(stalenessSeconds)} s`;
  const loss = relativePinball === null ? 'unknown' : relativePinball.toFixed(2);
  return `${judged} forecasts judged, loss over naive ${loss}, 80 % band holds ${share(coverage80)}, 95 % band ${share(coverage95)}, newest value ${age} old`;
}
