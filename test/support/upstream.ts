import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../components';

const TOOLS = resolve(__dirname, '..', '..', 'tools');

/** The Go on PATH; undefined without one. Upstream's own manifests lie in the Go modules that `tools/` pins. */
export const GO = goVersion();

function goVersion(): string | undefined {
  try {
    return execFileSync('go', ['env', 'GOVERSION'], { cwd: '/', encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined; // not installed: the titles of the tests say so
  }
}

/** Why tests are not run, for their title. */
export const UNLESS_GO = GO ? '' : ' (not compared: Go is not on PATH)';

/** A Go module as pinned, fetched if it is not in the module cache, which `go list` would not do. */
export interface PinnedModule {
  readonly version: string;
  readonly folder: string;
  /** Text of a file of it. */
  readonly text: (path: string) => string;
  /** Objects of files of it. */
  readonly objects: (...paths: string[]) => Manifest[];
}

/** @param pinnedIn folder of the go.mod, below tools/ */
export function pinnedModule(name: string, pinnedIn = '.'): PinnedModule {
  const { Version: version, Dir: folder } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', name], { cwd: join(TOOLS, pinnedIn), encoding: 'utf8' })) as { Version: string; Dir: string };
  const text = (path: string) => readFileSync(join(folder, path), 'utf8');
  return { version, folder, text, objects: (...paths) => paths.flatMap((path) => manifestsIn(text(path))) };
}

export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest | null).filter((object) => object !== null);
}

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/** Every single thing that rules permit, however they are grouped: `verb group/resource name`. */
export function permissions(rules: readonly Rule[]): string[] {
  const all = rules.flatMap(({ apiGroups = [], resources = [], resourceNames = ['any'], nonResourceURLs = [], verbs }) => verbs.flatMap((verb) => [
    ...apiGroups.flatMap((group) => resources.flatMap((resource) => resourceNames.map((name) => `${verb} ${group}/${resource} ${name}`))),
    ...nonResourceURLs.map((url) => `${verb} ${url}`),
  ]));
  return [...new Set(all)].sort();
}

/** Bindings by kind, namespace and name: the role, and who has it. Upstream may leave a namespace to whoever applies it. */
export function bindings(objects: readonly Manifest[], namespace?: string): Map<string, object> {
  return new Map(objects.filter((object) => object.kind.endsWith('Binding')).map(({ kind, metadata, roleRef, subjects }) => {
    const within = kind === 'RoleBinding' ? metadata.namespace ?? namespace : undefined;
    return [`${kind} ${within ?? ''}/${metadata.name}`, { roleRef, subjects: (subjects as object[]).map((subject) => ({ ...(namespace ? { namespace } : {}), ...subject })) }];
  }));
}

/** `--leader-elect`, `--cert-dir=/certs` -> `leader-elect`, `cert-dir`. */
export function flagNames(args: readonly string[]): string[] {
  return args.map((arg) => /^--([^=]+)/.exec(arg)?.[1] ?? arg);
}
