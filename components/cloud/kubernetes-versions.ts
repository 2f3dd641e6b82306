import { Fault, show } from '../../base/faults';

/** How long AWS looks after a minor version of Kubernetes. */
export interface KubernetesSupport {
  /** Day standard support ends, UTC: the cluster is upgraded by AWS afterwards. @default - AWS had named none when this was written */
  readonly standardUntil?: string;
}

/**
 * Minor versions that EKS had in standard support on 2026-11-21. A version that is past the end can be had only with extended support, at six times the price of a cluster.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html `aws eks describe-cluster-versions` prints them as they are today
 */
export const KUBERNETES_VERSIONS: Readonly<Record<string, KubernetesSupport>> = {
  '1.34': { standardUntil: '2026-12-02' },
  '1.35': { standardUntil: '2027-03-27' },
  '1.36': {},
};

/**
 * What is wrong with a version, if anything.
 *
 * @param supported minor versions that may be used
 * @param upgradedFrom the minor the cluster runs now
 */
export function versionFaults(version: string, supported: readonly string[], upgradedFrom: string | undefined, path: string): Fault[] {
  const minor = minorOf(version);
  if (minor === undefined) return [{ where: `${path} version`, got: show(version), allowed: 'a minor version such as 1.35', do: 'EKS chooses the patch; name the minor' }];
  const faults: Fault[] = [];
  if (!supported.includes(version)) {
    faults.push({ where: `${path} version`, got: show(version), allowed: supported.join(', '), do: 'choose a version in standard support, or say in supportedVersions that you know of it' });
  }
  const from = upgradedFrom === undefined ? minor : minorOf(upgradedFrom);
  if (from === undefined || (from !== minor && from !== minor - 1)) {
    faults.push({
      where: `${path} upgradedFrom`, got: show(upgradedFrom), allowed: `1.${minor - 1}, 1.${minor}`, do: 'go up one minor, apply, then the next: EKS skips none and never goes back',
    });
  }
  return faults;
}

function minorOf(version: string): number | undefined {
  const [, minor] = /^1\.(\d\d)$/.exec(version) ?? [];
  return minor === undefined ? undefined : Number(minor);
}
