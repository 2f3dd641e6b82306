import { createHash } from 'node:crypto';
import { type AnomalyFlag, type Explanation, type Incident, type IncidentEvent, type IncidentKind, incidentKinds, type IncidentReason, severities, type Severity } from './incident';
import { type Risk, SOON_SECONDS } from './risks';

/** When incidents open and close. */
export interface IncidentRules {
  /** A risk of this probability is an incident when it lasts... */
  readonly openAt: number;
  /** ...so long, seconds; at once when whoever found it calls for it. */
  readonly openAfterSeconds: number;
  /** Below this probability an incident is over when that lasts... */
  readonly closeBelow: number;
  /** ...so long, seconds. Also how long a severity must have been lower before it is eased. */
  readonly closeAfterSeconds: number;
  /** An incident of which nothing is heard for so long is closed, seconds. */
  readonly silentSeconds: number;
  /** Probabilities from which an incident is major, and critical if it is due within half an hour. */
  readonly majorAt: number;
  readonly criticalAt: number;
}

/** @see IncidentRules */
export const defaultIncidentRules: IncidentRules = {
  openAt: 0.4, openAfterSeconds: 120, closeBelow: 0.2, closeAfterSeconds: 600, silentSeconds: 1800, majorAt: 0.6, criticalAt: 0.8,
};

/** What is looked up only for risks that matter. */
export interface Circumstances {
  readonly explains: readonly Explanation[];
  /** An anomaly of the metric that is under way. */
  readonly anomalous: AnomalyFlag | undefined;
}

/** A risk on its way to being an incident, or one. */
interface Case {
  readonly kind: IncidentKind;
  readonly service: string;
  readonly namespace: string;
  /** Since when it has been at least `openAt`, without a break. */
  since: number;
  /** Since when it has been below `closeBelow`; null while it is not. */
  calmSince: number | null;
  /** Since when its severity has been lower than told; null while it is not. */
  easierSince: number | null;
  heard: number;
  incident: Incident | null;
}

/** As plain JSON. */
export interface IncidentFileSnapshot {
  readonly cases: readonly Readonly<Case>[];
}

const CAUSES: Readonly<Record<Explanation['kind'], IncidentReason>> = { deploy: 'after_deploy', leak: 'leak', load: 'load_rises', neighbour: 'neighbour_first' };

/** Opens, updates and closes incidents: at most one of a kind for a service, under one id while it lasts. */
export class IncidentFile {
  private cases = new Map<string, Case>();

  constructor(private readonly rules: IncidentRules) {}

  /** The worst first. */
  open(): Incident[] {
    const rank = ({ severity }: Incident) => severities.indexOf(severity);
    const due = ({ expectedAt }: Incident) => expectedAt ?? Infinity;
    const found = [...this.cases.values()].flatMap(({ incident }) => incident ?? []);
    return found.sort((a, b) => rank(b) - rank(a) || b.probability - a.probability || compare(due(a), due(b)) || compare(a.id, b.id));
  }

  /**
   * Takes what is now known of one kind for one service.
   *
   * @param risk undefined when nothing can be told now
   * @param circumstances asked only for a risk that is, or may become, an incident; `onset` is when that began
   */
  update(
    { service, namespace }: { readonly service: string; readonly namespace: string }, kind: IncidentKind, risk: Risk | undefined, now: number, horizonSeconds: number,
    circumstances: (onset: number) => Circumstances,
  ): IncidentEvent | undefined {
    const key = JSON.stringify([namespace, service, kind]);
    const known = this.cases.get(key);
    if (risk === undefined) {
      if (known?.incident && !known.incident.reasons.includes('stale_metrics')) known.incident = { ...known.incident, reasons: [...known.incident.reasons, 'stale_metrics'] };
      else if (known && !known.incident) this.cases.delete(key);
      return undefined;
    }
    const { openAt, openAfterSeconds, closeBelow, closeAfterSeconds } = this.rules;
    if (!known?.incident) {
      if (risk.probability < openAt && !risk.urgent) {
        this.cases.delete(key);
        return undefined;
      }
      const found: Case = known ?? { kind, service, namespace, since: now, calmSince: null, easierSince: null, heard: now, incident: null };
      found.heard = now;
      this.cases.set(key, found);
      if (!risk.urgent && now - found.since < openAfterSeconds) return undefined;
      const severity = this.severity(risk, now);
      found.incident = this.describe(found, risk, { id: identify(key, kind, now), openedAt: now, severity, now, horizonSeconds, ...circumstances(found.since) });
      return { time: now, what: 'opened', incident: found.incident };
    }
    known.heard = now;
    known.calmSince = risk.probability < closeBelow && !risk.urgent ? known.calmSince ?? now : null;
    if (known.calmSince !== null && now - known.calmSince >= closeAfterSeconds) return this.close(key, known, now);
    const { id, openedAt, severity: told } = known.incident;
    const severity = this.settle(known, told, this.severity(risk, now), now);
    known.incident = this.describe(known, risk, { id, openedAt, severity, now, horizonSeconds, ...circumstances(known.since) });
    if (severity === told) return undefined;
    return { time: now, what: worse(severity, told) ? 'worsened' : 'eased', incident: known.incident };
  }

  /** Closes incidents of which nothing has been heard for long: their service is gone, or its metrics are. */
  sweep(now: number): IncidentEvent[] {
    const events: IncidentEvent[] = [];
    for (const [key, each] of this.cases) {
      if (now - each.heard <= this.rules.silentSeconds) continue;
      if (each.incident) events.push(this.close(key, each, now));
      else this.cases.delete(key);
    }
    return events;
  }

  closeAll(now: number): IncidentEvent[] {
    return [...this.cases].flatMap(([key, each]) => (each.incident ? [this.close(key, each, now)] : []));
  }

  snapshot(): IncidentFileSnapshot {
    return { cases: [...this.cases.values()].map((each) => ({ ...each })) };
  }

  /** @throws TypeError for what is not a snapshot */
  static restore({ cases }: IncidentFileSnapshot, rules: IncidentRules): IncidentFile {
    const file = new IncidentFile(rules);
    for (const each of cases) {
      if (!incidentKinds.includes(each.kind) || !Number.isFinite(each.since) || !Number.isFinite(each.heard)) throw new TypeError('not a case');
      if (each.incident !== null && !severities.includes(each.incident.severity)) throw new TypeError('not an incident');
      file.cases.set(JSON.stringify([each.namespace, each.service, each.kind]), { ...each });
    }
    return file;
  }

  private close(key: string, { incident }: Case, now: number): IncidentEvent {
    this.cases.delete(key);
    return { time: now, what: 'closed', incident: { ...incident!, updatedAt: now } };
  }

  private severity({ probability, expectedAt, reasons }: Risk, now: number): Severity {
    const soon = reasons.includes('breach_now') || (expectedAt !== null && expectedAt - now <= SOON_SECONDS);
    if (probability >= this.rules.criticalAt && soon) return 'critical';
    return probability >= this.rules.majorAt ? 'major' : 'minor';
  }

  /** Worse is told at once, better when it has lasted. */
  private settle(known: Case, told: Severity, seen: Severity, now: number): Severity {
    if (!worse(told, seen)) {
      known.easierSince = null;
      return seen;
    }
    known.easierSince ??= now;
    if (now - known.easierSince < this.rules.closeAfterSeconds) return told;
    known.easierSince = null;
    return seen;
  }

  private describe(
    { service, namespace, kind }: Case, risk: Risk,
    { id, openedAt, severity, now, horizonSeconds, explains, anomalous }: Circumstances & { id: string; openedAt: number; severity: Severity; now: number; horizonSeconds: number },
  ): Incident {
    const { probability, probabilitySoon, bounds, expectedAt, evidence } = risk;
    const reasons = [...risk.reasons, ...(anomalous ? ['anomaly' as const] : []), ...explains.map((each) => CAUSES[each.kind])];
    const seen = anomalous ? [{ series: anomalous.series, what: `anomaly (${anomalous.shape}), score`, value: anomalous.score }] : [];
    return {
      id, service, namespace, kind, probability, probabilitySoon, probabilityBounds: bounds, expectedAt, severity, reasons, evidence: [...evidence, ...seen], explains,
      horizonSeconds, openedAt, updatedAt: now,
    };
  }
}

function identify(key: string, kind: IncidentKind, openedAt: number): string {
  return `${kind}-${createHash('sha256').update(key).digest('hex').slice(0, 12)}-${Math.round(openedAt)}`;
}

function worse(a: Severity, b: Severity): boolean {
  return severities.indexOf(a) > severities.indexOf(b);
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
