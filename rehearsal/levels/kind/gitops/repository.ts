import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { Fault, FaultError, refuse } from '../../../../base/faults';
import type { KubeObject } from '../../../control-plane';
import { catalogue } from '../../../../config';
import type { Assets } from '../../../tools';
import type { ServedRepository } from './contract';
import { FAST_IMPORT_OPTIONS, fastImport } from './fast-import';
import { GIT_SERVER, REPOSITORIES } from './git-server';
import { REHEARSAL_NAMESPACE } from '../own-workload';
import type { KindCluster } from '../contract';

/** A repository that Applications read, as it is to be served. */
export interface Repository {
  /** As `spec.source.repoURL` names it. */
  readonly url: string;
  /** Branch or tag. */
  readonly revision: string;
  /** Path to content. */
  readonly files: ReadonlyMap<string, string>;
}

/** All files below a folder, by path from `root` with `/`. */
export function readTree(root: string, folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8'));
  }
  return files;
}

/** Upstream's own files at the pinned versions. */
type Definitions = Pick<Assets, 'kedaCrds' | 'karpenterCrds' | 'argoCdCrds'>;

/** Upstream's own files at the pinned version, by the repository that holds them. */
function upstreamFiles(assets: Definitions): ReadonlyMap<string, readonly string[]> {
  return new Map([
    [catalogue.keda.repository, assets.kedaCrds],
    [catalogue.karpenter.repository, assets.karpenterCrds],
    [catalogue.argocd.repository, assets.argoCdCrds],
  ]);
}

/**
 * Every repository that the Applications read, with what is in it.
 *
 * @param root the root Application: what it reads is this project's own repository
 * @param applications the Applications that it holds
 * @param files of this project's repository
 * @throws FaultError naming the Applications whose source cannot be served from here
 */
export function repositoriesOf(root: KubeObject, applications: readonly KubeObject[], files: ReadonlyMap<string, string>, assets: Definitions): Repository[] {
  const own = root.spec.source as Source;
  const repositories = new Map<string, Repository>([[keyOf(own), { url: own.repoURL, revision: own.targetRevision, files }]]);
  const upstream = upstreamFiles(assets);
  const faults: Fault[] = [];
  for (const application of applications) {
    const source = application.spec.source as Source;
    const key = keyOf(source);
    if (repositories.has(key)) continue;
    const paths = upstream.get(source.repoURL);
    if (!paths) {
      faults.push({
        where: `Application ${application.metadata.name}`, got: `${source.repoURL} at ${source.targetRevision}`, allowed: `${own.repoURL} at ${own.targetRevision}, or ${[...upstream.keys()].join(', ')}`,
        do: 'leave it out of the rehearsal, or name the module that holds its files in rehearsal/tools/catalogue.ts',
      });
      continue;
    }
    repositories.set(key, { url: source.repoURL, revision: source.targetRevision, files: new Map(paths.map((path) => [`${source.path}/${basename(path)}`, readFileSync(path, 'utf8')])) });
  }
  refuse('not every repository can be served to Argo CD', faults);
  return [...repositories.values()];
}

interface Source { readonly repoURL: string; readonly targetRevision: string; readonly path: string }

function keyOf({ repoURL, targetRevision }: Source): string {
  return `${repoURL} ${targetRevision}`;
}

/** Hosts that URLs name, each once. */
export function hostsOf(repositories: readonly Pick<Repository, 'url'>[]): string[] {
  return [...new Set(repositories.map(({ url }) => new URL(url).hostname))].sort();
}

/** What a revision names: what looks like a version is a tag, anything else a branch. */
export function refOfRevision(revision: string): string {
  return /^v?\d+(\.\d+)+/.test(revision) ? `refs/tags/${revision}` : `refs/heads/${revision}`;
}

/** Folder of a repository in the Git server's container. */
export function folderOf(url: string): string {
  const path = new URL(url).pathname.replace(/\/+$/, '');
  return `${REPOSITORIES}${path.endsWith('.git') ? path : `${path}.git`}`;
}

/**
 * The repositories of the Git server, written by Git itself in its container: no Git is needed on this machine, and no password.
 */
export class Repositories {
  constructor(private readonly cluster: Pick<KindCluster, 'kubectl'>, private readonly signal?: AbortSignal) {}

  /** Makes a repository with one commit. The same files make the same commit. @returns as the result shows it */
  async make(repository: Repository): Promise<ServedRepository> {
    const { url, revision, files } = repository;
    await this.git(['init', '--quiet', '--bare', '--initial-branch=main', folderOf(url)]);
    const commit = await this.write(url, fastImport({ ref: refOfRevision(revision), message: `${revision} as rehearsed`, files }), refOfRevision(revision));
    return { url, revision, commit, files: files.size };
  }

  /** Adds a commit on top of a branch. @param files those that change, whole @returns its id */
  async commit(url: string, branch: string, message: string, files: ReadonlyMap<string, string>): Promise<string> {
    const ref = refOfRevision(branch);
    return this.write(url, fastImport({ ref, message, files, onTop: true }), ref);
  }

  private async write(url: string, stream: string, ref: string): Promise<string> {
    await this.git(['-C', folderOf(url), 'fast-import', ...FAST_IMPORT_OPTIONS], stream);
    const commit = (await this.git(['-C', folderOf(url), 'rev-parse', `${ref}^{commit}`])).trim();
    if (/^[0-9a-f]{40,64}$/.test(commit)) return commit;
    throw new FaultError('the Git server did not take a commit', [{ where: `${url} ${ref}`, got: commit || 'nothing', allowed: 'a commit', do: `see the log of ${REHEARSAL_NAMESPACE}/${GIT_SERVER}` }]);
  }

  private git(args: readonly string[], input?: string): Promise<string> {
    const exec = ['exec', ...(input === undefined ? [] : ['-i']), '-n', REHEARSAL_NAMESPACE, `deployment/${GIT_SERVER}`, '--', 'git', ...args];
    return this.cluster.kubectl(exec, { timeoutSeconds: 60, ...(input === undefined ? {} : { input }), ...(this.signal ? { signal: this.signal } : {}) });
  }
}
