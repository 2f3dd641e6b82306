import { Fault, refuse } from '../../../../base/faults';
import type { KubeObject } from '../../../control-plane';
import type { Assets } from '../../../tools';
import type { KindCluster } from '../contract';
import type { ApplicationResult, DriftResult, GitopsResult, PromotionResult, ServedRepository } from './contract';
import { healDrift } from './drift';
import { GIT_SERVER, gitServer, PUSHER } from './git-server';
import { REHEARSAL_NAMESPACE } from '../own-workload';
import { installArgoCd, waitForWorkloads } from './install';
import { resolveHosts } from './name-resolution';
import { promote } from './promotion';
import { hostsOf, Repositories, repositoriesOf, Repository } from './repository';
import { workloadsOf } from './rollout';
import { waitForSync } from './sync';

/** Options of {@link startGitops}. */
export interface GitopsOptions {
  /** Image of the Git server, which the nodes have. */
  readonly image: string;
  /** `dist/<environment>/root.yaml`: the AppProject and the root Application. */
  readonly root: readonly KubeObject[];
  /** What is pushed: path in the repository (`dist/dev/cost/service-cost.yaml`) to content. Applications that are left out are not in it. */
  readonly files: ReadonlyMap<string, string>;
  /** The Applications among {@link GitopsOptions.files}. */
  readonly applications: readonly KubeObject[];
  readonly leftOut: GitopsResult['leftOut'];
  /** `dist/<environment>/bootstrap/argocd`, rewritten where this level has to. */
  readonly argoCd: readonly KubeObject[];
  readonly assets: Assets;
  /** @default - nothing */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Git and Argo CD in a cluster of ours. */
export class Gitops {
  private applications: readonly ApplicationResult[] = [];
  private drift: DriftResult | null = null;
  private promotion: PromotionResult | null = null;

  constructor(
    private readonly cluster: KindCluster,
    private readonly options: GitopsOptions,
    private readonly own: Repository,
    private readonly repositories: Repositories,
    private readonly served: readonly ServedRepository[],
    /** Who may push to the Git server of a kept cluster, for the terminal only. The password is of this run. */
    readonly pusher: { readonly user: string; readonly password: string; readonly authorityPem: string },
  ) {}

  /** Applies the root and waits until all Applications are Synced and Healthy. @throws FaultError, see {@link waitForSync} */
  async sync(budgetSeconds: number, patienceSeconds?: number): Promise<readonly ApplicationResult[]> {
    const { root, applications, onProgress, signal } = this.options;
    await this.cluster.api.apply(root, { signal });
    this.applications = await waitForSync(this.cluster.api, {
      root: rootApplication(root).metadata.name, expected: applications.map(({ metadata }) => metadata.name), budgetSeconds,
      ...(patienceSeconds === undefined ? {} : { patienceSeconds }), ...(onProgress ? { onProgress } : {}), ...(signal ? { signal } : {}),
    });
    return this.applications;
  }

  /** Changes an object by hand and waits until Argo CD has undone it. */
  async healDrift(): Promise<DriftResult> {
    this.drift = await healDrift(this.cluster.api, this.options.signal ? { signal: this.options.signal } : {});
    return this.drift;
  }

  /** Promotes a change by a commit. */
  async promote(): Promise<PromotionResult> {
    this.promotion = await promote(this.cluster.api, this.repositories, { repository: this.own, ...(this.options.signal ? { signal: this.options.signal } : {}) });
    return this.promotion;
  }

  /** For the report. */
  get result(): GitopsResult {
    return {
      revision: this.served[0]!.commit, repositories: this.served, applications: this.applications, leftOut: this.options.leftOut, drift: this.drift, promotion: this.promotion,
    };
  }
}

/**
 * Gives a cluster a Git server with everything that the Applications read, under the names they read it by, and Argo CD as the environment installs it.
 *
 * @throws FaultError when an Application reads what cannot be served from here, or when either does not come up
 */
export async function startGitops(cluster: KindCluster, options: GitopsOptions): Promise<Gitops> {
  const { api } = cluster;
  const { onProgress, signal } = options;
  const passed = { ...(onProgress ? { onProgress } : {}), ...(signal ? { signal } : {}) };
  const all = repositoriesOf(rootApplication(options.root), options.applications, options.files, options.assets);
  const hosts = hostsOf(all);
  const server = await gitServer({ image: options.image, hosts });
  onProgress?.('Git server');
  await api.apply(server.objects, { signal });
  const address = String((await api.get<KubeObject>({ apiVersion: 'v1', kind: 'Service', namespace: REHEARSAL_NAMESPACE, name: GIT_SERVER })).spec.clusterIP);
  await waitForWorkloads(api, workloadsOf(server.objects), { what: 'the Git server', timeoutSeconds: 120, ...passed });
  await resolveHosts(api, hosts, address, signal);
  const repositories = new Repositories(cluster, signal);
  const served: ServedRepository[] = [];
  for (const repository of all) served.push(await repositories.make(repository));
  await installArgoCd(api, { definitions: options.assets.argoCdCrds, objects: options.argoCd, trust: { hosts, authorityPem: server.authorityPem }, ...passed });
  return new Gitops(cluster, options, all[0]!, repositories, served, { user: PUSHER, password: server.password, authorityPem: server.authorityPem });
}

function rootApplication(root: readonly KubeObject[]): KubeObject {
  const found = root.find(({ kind }) => kind === 'Application');
  const faults: Fault[] = found ? [] : [{ where: 'root.yaml', got: root.map(({ kind }) => kind).join(', ') || 'nothing', allowed: 'an AppProject and an Application', do: 'run npx projen update:manifests' }];
  refuse('nothing can be synced', faults);
  return found!;
}
