import { randomBytes } from 'node:crypto';
import { KubeObject, nameOf, refOf } from '../control-plane/kube-objects';
import type { Substitution } from '../report/schema';
import type { Rewrite } from './deploy';
import { compress, Redirection, redirectTriggers } from './manifests';

/** What the level has to know to change manifests. */
export interface LevelFacts {
  /** Trace seconds per second. */
  readonly speed: number;
  /** Address under which the plant answers for Prometheus by this machine's clock. */
  readonly prometheusUrl: string;
  /** From a pod's start to ready, seconds of the trace, by Deployment. */
  readonly startupSeconds: Readonly<Record<string, number>>;
  /** The forecaster's scaler as it runs here. @default - it does not run, and no trigger calls it */
  readonly scaler?: {
    /** `host:port`. */
    readonly address: string;
    /** What KEDA identifies itself with, by the keys of its Secret. */
    readonly client: Readonly<Record<string, string>>;
  };
}

/**
 * Everything the control-plane level does to what dist/ holds, each change listed; nothing else differs.
 *
 * 1. Windows are divided by the speed, and modelled pods get their start-up time.
 * 2. Prometheus is the plant; the forecaster's scaler is the process that runs here.
 * 3. KEDA's API registration is left out: its adapter is a process of this machine and registered at its own address.
 * 4. Secrets that come from the secret store get a random value, as KEDA reads those of the pods it scales; what KEDA identifies itself with is made for this run.
 * 5. Finalizers of Argo CD's objects go: no Argo CD runs here to act on them, and deletion would wait for ever.
 */
export function rewriteForControlPlane(facts: LevelFacts): Rewrite {
  return (original) => {
    const compressed = compress([original], facts.speed, { startupSeconds: facts.startupSeconds });
    const redirections: Redirection[] = [{ types: ['prometheus'], key: 'serverAddress', address: facts.prometheusUrl, why: 'the plant answers for Prometheus' }];
    if (facts.scaler) {
      redirections.push({ types: ['external', 'external-push'], key: 'scalerAddress', address: facts.scaler.address, why: 'the forecaster runs as a process of this machine' });
    }
    const redirected = redirectTriggers(compressed.objects, redirections);
    const substitutions: Substitution[] = [...compressed.substitutions, ...redirected.substitutions];
    const listed = (path: string, from: string, to: string, why: string) => substitutions.push({ object: nameOf(refOf(original)), path, from, to, why });
    const objects = redirected.objects.flatMap((object): KubeObject[] => {
      if (object.kind === 'APIService' && object.spec?.group === 'external.metrics.k8s.io') {
        listed('(whole object)', `Service ${object.spec.service?.namespace}/${object.spec.service?.name}`, 'a process of this machine', "KEDA's adapter runs as a process and is registered at its own address");
        return [];
      }
      if (object.apiVersion.startsWith('argoproj.io/') && (object.metadata.finalizers?.length ?? 0) > 0) {
        const { finalizers = [], ...metadata } = object.metadata;
        listed('metadata.finalizers', finalizers.join(', '), 'absent', 'no Argo CD runs at this level to act on it');
        return [{ ...object, metadata }];
      }
      const identity = object.kind === 'TriggerAuthentication';
      const secrets = identity ? identities(object, facts.scaler?.client ?? {}) : standIns(object);
      const to = identity ? 'a certificate of this run' : 'random values';
      for (const secret of secrets) {
        substitutions.push({ object: nameOf(refOf(secret)), path: '(whole object)', from: 'the secret store', to, why: 'no secret store is reachable from here, and no value of one is needed' });
      }
      return [...secrets, object];
    });
    return { objects, substitutions };
  };
}

/** The Secrets from which KEDA takes its identity and whom it trusts, as far as they come from elsewhere. */
export function identities(object: KubeObject, values: Readonly<Record<string, string>>): KubeObject[] {
  const elsewhere = (object.metadata.annotations?.['tideline.dev/provided-elsewhere'] ?? '').split(',');
  const targets = (object.spec?.secretTargetRef ?? []) as { name: string; key: string }[];
  const names = [...new Set(targets.map(({ name }) => name))].filter((name) => elsewhere.includes(`Secret/${name}`));
  return names.map((name) => ({
    apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: object.metadata.namespace },
    stringData: Object.fromEntries(targets.filter((target) => target.name === name && values[target.key] !== undefined).map(({ key }) => [key, values[key]!])),
  }));
}

/** Secrets that a workload says come from elsewhere, with a random value for each key that its containers read from the environment. */
export function standIns(object: KubeObject): KubeObject[] {
  const elsewhere = (object.metadata.annotations?.['tideline.dev/provided-elsewhere'] ?? '').split(',');
  const containers: { env?: { valueFrom?: { secretKeyRef?: { name: string; key: string } } }[] }[] = object.spec?.template?.spec?.containers ?? [];
  const keys = new Map<string, string[]>();
  for (const { valueFrom } of containers.flatMap((container) => container.env ?? [])) {
    const ref = valueFrom?.secretKeyRef;
    if (ref && elsewhere.includes(`Secret/${ref.name}`)) keys.set(ref.name, [...(keys.get(ref.name) ?? []), ref.key]);
  }
  return [...keys].map(([name, names]) => ({
    apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: object.metadata.namespace },
    stringData: Object.fromEntries(names.map((key) => [key, randomBytes(18).toString('base64url')])),
  }));
}
