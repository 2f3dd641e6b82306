import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Fault, FaultError, refuse, show } from '../../base/faults';
import { keyOf } from '../model';
import type { PriceBook } from '../price-book';
import { environmentOfStack } from './aws-part';
import { compareSides } from './compare';
import type { PricedSide, PriceReport } from './contract';
import { perLevel } from './kubernetes-part';
import { Files, ManifestReader } from './manifests';
import type { PriceOptions } from './options';
import { priceSide, Side, stacksOf } from './price-side';
import { Repository } from './repository';
import { Synthesized, synthesizeTree } from './synthesis';
import type { SynthesisCache } from './synthesis-cache';
import { committedTree, SOURCES, SourceTree, workingTree } from './source-tree';
import { checkUsage, parseUsage, Usage } from './usage-file';

/** What a price is made with. */
export interface PriceContext {
  /** Folder of the project, absolute. */
  readonly root: string;
  readonly book: PriceBook;
  readonly cache: SynthesisCache;
  readonly signal: AbortSignal;
}

/**
 * Prices what is here, and what a commit held, and says what became of it. Both sides are priced with the same book and the same usage, so that only
 * what was decided differs.
 *
 * @throws FaultError when what is here cannot be priced, or there is nothing to compare with
 */
export async function priceChange(options: PriceOptions, context: PriceContext): Promise<PriceReport> {
  const { root } = context;
  const usage: Usage = options.usage === undefined ? {} : parseUsage(options.usage, readText(resolve(root, options.usage), options.usage));
  const reader = new ManifestReader();
  const manifests = reader.environments(manifestsIn(root, options.manifests));
  if (manifests.size === 0) throw new FaultError('there is nothing to price', [{ where: options.manifests, got: 'no manifest', allowed: 'a folder of manifests for each environment', do: 'run npx projen update:manifests, or name another folder with --manifests' }]);

  const repository = options.against === undefined ? undefined : Repository.open(root);
  const commit = repository?.commit(options.against!);
  const trees: { after: SourceTree; before?: SourceTree } = { after: workingTree(root), ...(commit ? { before: committedTree(repository!, commit, root) } : {}) };
  const [here, there] = await bothSyntheses(trees, context);
  if ('why' in here && trees.after.faults.length === 0) throw new FaultError('what is here cannot be synthesized', here.why);
  const after: Side = { manifests, ...stacksOrWhy(here) };
  const notes = [here, ...(there ? [there] : [])].flatMap((each) => ('note' in each && each.note ? [each.note] : []));

  const base = commit && repository && there ? baseSide({ repository, commit, reader, folder: folderInRoot(root, options.manifests), synthesized: there }) : undefined;
  const environments = chosen(options.environment, [...new Set([...manifests.keys(), ...(base?.side.manifests.keys() ?? [])])].sort());
  checkStated(options.usage ?? '', usage, environments.all, [after, ...(base ? [base.side] : [])]);

  return {
    schema: 'tideline/price/1',
    against: commit ? { ref: commit.ref, commit: commit.id } : null,
    uncommitted: repository ? repository.isDirty([...SOURCES, folderInRoot(root, options.manifests)]) : null,
    environments: environments.asked.map((environment) => {
      const now = manifests.has(environment) ? priceSide(after, environment, usage, context.book) : undefined;
      if (now && !('lines' in now.parts.kubernetes)) throw new FaultError(`${environment} cannot be priced`, now.parts.kubernetes.why);
      const before = base ? priceBase(base, environment, usage, context.book, now) : undefined;
      return compareSides({ before, after: now }, context.book, base !== undefined);
    }),
    notes: [...notes, ...strayStacks(after)],
  };
}

/** The side a commit is, and why its manifests cannot be read, if they cannot. */
interface Base {
  readonly side: Side;
  readonly unreadable?: readonly Fault[];
}

function baseSide(from: { repository: Repository; commit: { ref: string; id: string }; reader: ManifestReader; folder: string; synthesized: Synthesized }): Base {
  const { repository, commit, reader, folder, synthesized } = from;
  const files = repository.files(commit, [folder]);
  const contents = repository.contents(commit, files);
  try {
    const manifests = reader.environments(new Map(files.map((file, index) => [file.path.slice(folder.length + 1), contents[index]!.toString('utf8')])));
    return { side: { manifests, ...stacksOrWhy(synthesized) } };
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return { side: { manifests: new Map(), ...stacksOrWhy(synthesized) }, unreadable: error.faults.map((fault) => ({ ...fault, where: `${commit.ref}:${folder}/${fault.where}` })) };
  }
}

/** An environment of the base. What cannot be read of it is unknown, and the rest is compared. Undefined if it was not there. */
function priceBase(base: Base, environment: string, usage: Usage, book: PriceBook, now: PricedSide | undefined): PricedSide | undefined {
  if (!base.unreadable && !base.side.manifests.has(environment)) return undefined;
  try {
    if (base.unreadable) throw new FaultError('unreadable', base.unreadable);
    return priceSide(base.side, environment, usage, book);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    if (!now) throw error;
    const unknown = { why: error.faults };
    return { environment, region: now.region, budgetMonthlyUsd: now.budgetMonthlyUsd, nodes: perLevel(() => []), parts: { aws: unknown, kubernetes: unknown } };
  }
}

async function bothSyntheses(trees: { after: SourceTree; before?: SourceTree }, context: PriceContext): Promise<[Synthesized, Synthesized | undefined]> {
  const stop = new AbortController(); // one that cannot go on ends the other, and nothing is left of either
  const ended = () => stop.abort();
  if (context.signal.aborted) stop.abort();
  context.signal.addEventListener('abort', ended, { once: true });
  const failed: unknown[] = []; // the first one is the reason; the other was only stopped
  const run = (tree: SourceTree) => synthesizeTree(tree, { ...context, signal: stop.signal }).catch((error: unknown) => {
    failed.push(error);
    stop.abort();
    throw error;
  });
  try {
    const results = await Promise.allSettled([run(trees.after), trees.before ? run(trees.before) : Promise.resolve(undefined)]);
    if (failed.length > 0) throw failed[0];
    return results.map((result) => (result as PromiseFulfilledResult<Synthesized | undefined>).value) as [Synthesized, Synthesized | undefined];
  } finally {
    context.signal.removeEventListener('abort', ended);
  }
}

function stacksOrWhy(synthesized: Synthesized): Pick<Side, 'stacks' | 'why'> {
  return 'why' in synthesized ? { why: synthesized.why } : { stacks: synthesized.stacks };
}

function chosen(asked: string | undefined, all: readonly string[]): { readonly all: readonly string[]; readonly asked: readonly string[] } {
  refuse('no such environment', asked === undefined || all.includes(asked) ? [] : [{ where: '--environment', got: show(asked), allowed: all.join(', '), do: 'choose one of these' }]);
  return { all, asked: asked === undefined ? all : [asked] };
}

/** Stated usage must fit something on either side. */
function checkStated(file: string, usage: Usage, environments: readonly string[], sides: readonly Side[]): void {
  const addresses = sides.flatMap((side) => environments.flatMap((environment) => Object.entries(stacksOf(side, environment)).flatMap(([stack, { resource = {} }]) =>
    Object.entries(resource).flatMap(([type, byId]) => Object.keys(byId).flatMap((id) => [`${type}.${id}`, `${stack}/${type}.${id}`])))));
  const workloads = new Map(environments.map((environment) => [environment, new Set(sides.flatMap((side) => (side.manifests.get(environment) ?? [])
    .map((object) => keyOf({ namespace: object.metadata.namespace ?? 'default', name: object.metadata.name }))))]));
  checkUsage(file, usage, { environments, workloads, ...(sides.every((side) => side.stacks) ? { addresses: new Set(addresses) } : {}) });
}

function strayStacks(side: Side): string[] {
  return Object.keys(side.stacks ?? {}).filter((stack) => environmentOfStack(stack, [...side.manifests.keys()]) === undefined)
    .map((stack) => `stack ${stack} belongs to no environment that has manifests, and is in no price`);
}

function manifestsIn(root: string, folder: string): Files {
  const full = resolve(root, folder);
  if (!existsSync(full) || !statSync(full).isDirectory()) {
    throw new FaultError('there is nothing to price', [{ where: folder, got: existsSync(full) ? 'not a folder' : 'no such folder', allowed: 'a folder of manifests for each environment', do: 'run npx projen update:manifests, or name another folder with --manifests' }]);
  }
  return new Map(readdirSync(full, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return [relative(full, path).split(sep).join('/'), readFileSync(path, 'utf8')];
  }));
}

/** A folder as git names it, below the project. */
function folderInRoot(root: string, folder: string): string {
  const path = relative(root, resolve(root, folder)).split(sep).join('/');
  refuse('nothing to compare with', path !== '' && !path.startsWith('..') && !isAbsolute(path) ? [] : [
    { where: '--manifests', got: folder, allowed: 'a folder below the project, which --against can find in its commits', do: 'move it into the repository, or leave out --against' },
  ]);
  return path;
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new FaultError('the usage file cannot be read', [{ where: name, got: (error as NodeJS.ErrnoException).code ?? String(error), allowed: 'a file this user can read', do: 'correct the name given to --usage' }]);
  }
}
