import { Fault, FaultError, refuse } from '../../base/faults';
import { Progress, ProgramName, PROGRAMS, readToolSettings, ToolSettings } from '../tools';
import { withLock } from '../tools/lock';
import { buildFromParts, Ingredients, partsOf } from './build';
import type { ImageDeclaration, ImageMode, MissingImage, PreparedImage } from './contract';
import { ingredientsOf } from './ingredients';
import { parseReference } from './reference';
import { Registries, RegistryAnswer } from './registry';
import { ImageStore } from './store';

/** How {@link prepareImages} works. */
export interface PrepareOptions {
  readonly signal?: AbortSignal;
  /** @default - nothing is told */
  readonly onProgress?: (progress: Progress) => void;
  /** @default - read from the environment of this process */
  readonly settings?: ToolSettings;
  /** @default - what this machine can make */
  readonly ingredients?: Ingredients;
  /** @default - those that the references name */
  readonly registries?: Pick<Registries, 'ask'>;
  /** Monotonic seconds. @default - the clock of this process */
  readonly clock?: () => number;
}

/** What a rehearsal has to go on with. */
export interface PreparedImages {
  /** In the order they were declared. */
  readonly ready: PreparedImage[];
  readonly missing: MissingImage[];
  /** What registries said, one line each. Empty if none was asked. */
  readonly registries: readonly string[];
}

/**
 * Gets every image ready: asks registries and builds, as the mode says. Our own images are built in every mode.
 *
 * @throws FaultError when one of our own images cannot be built, when the disk is full, and in mode `pull` when a registry does not have an image
 * @throws the signal's reason when aborted
 */
export async function prepareImages(declarations: readonly ImageDeclaration[], mode: ImageMode, options: PrepareOptions = {}): Promise<PreparedImages> {
  const { signal, onProgress = () => undefined, settings = readToolSettings(), clock = () => performance.now() / 1000 } = options;
  const began = clock();
  const tell = (done: number, total: number, detail: string) => onProgress({ step: 'images', done, total, elapsedSeconds: clock() - began, detail });
  signal?.throwIfAborted();

  const asked = declarations.filter((each) => mode !== 'build' && !each.ours);
  if (asked.length > 0) tell(0, declarations.length, `asking ${hostsOf(asked).join(', ')}`);
  const registries = options.registries ?? new Registries({ signal });
  const answers = new Map<string, RegistryAnswer>(await Promise.all(asked.map(async ({ reference }) => [reference, await registries.ask(reference)] as const)));
  if (mode === 'pull') refuse('the images of the rehearsal cannot be pulled', [...answers].flatMap(([reference, answer]) => (answer.found ? [] : [notThere(reference, answer.why)])));

  const ready = new Map<string, PreparedImage>();
  const missing: MissingImage[] = [];
  const toBuild = declarations.filter(({ reference }) => {
    const answer = answers.get(reference);
    if (answer?.found) ready.set(reference, { reference, provenance: 'registry', digest: answer.digest });
    return !answer?.found;
  });
  if (toBuild.length > 0) {
    const store = new ImageStore(settings.cacheRoot);
    const ingredients = options.ingredients ?? ingredientsOf({
      settings, signal, programs: programsOf(toBuild), onProgram: onProgress, onDetail: (detail) => tell(ready.size, declarations.length, detail),
    });
    const onWait = (pid: number) => tell(ready.size, declarations.length, `process ${pid} is building images`);
    await withLock(store.lockFile, { signal, onWait }, async () => {
      store.prune(Date.now());
      for (const declaration of toBuild) {
        signal?.throwIfAborted();
        tell(ready.size, declarations.length, declaration.reference);
        const result = await build(declaration, ingredients, store, signal);
        if ('why' in result) missing.push({ reference: declaration.reference, why: [why(answers.get(declaration.reference)), result.why].filter(Boolean).join('; ') });
        else ready.set(declaration.reference, result);
      }
    });
  }
  tell(ready.size, declarations.length, missing.length > 0 ? `${missing.length} missing` : 'ready');
  return { ready: declarations.flatMap(({ reference }) => ready.get(reference) ?? []), missing, registries: summary(answers) };
}

/** Builds an image; what lacks a part that cannot be had is missing, unless it is ours. */
async function build({ reference, source, ours }: ImageDeclaration, from: Ingredients, store: ImageStore, signal?: AbortSignal): Promise<PreparedImage | { readonly why: string }> {
  if (!source) return { why: reference.includes('@') ? 'it is named by its digest, which only the registry\'s has' : 'nothing says how it is built' };
  try {
    const parts = await partsOf(source, from);
    return await buildFromParts({ reference, source, parts }, from.architecture, store, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (ours || !(error instanceof FaultError) || error.faults.some(({ got }) => /no space left/.test(got))) throw error;
    return { why: `it cannot be built: ${error.faults.map(({ where, got }) => `${where}: ${got}`).join('; ')}` };
  }
}

function programsOf(declarations: readonly ImageDeclaration[]): ProgramName[] {
  const wanted = new Set(declarations.flatMap(({ source }) => source?.go ?? []).map(({ program }) => program));
  return PROGRAMS.map(({ name }) => name).filter((name) => wanted.has(name));
}

function hostsOf(declarations: readonly ImageDeclaration[]): string[] {
  return [...new Set(declarations.map(({ reference }) => parseReference(reference).host))].sort();
}

function why(answer: RegistryAnswer | undefined): string {
  return answer === undefined || answer.found ? '' : answer.why;
}

/** `quay.io: 2 of 2 images found`, or why not. */
function summary(answers: ReadonlyMap<string, RegistryAnswer>): string[] {
  const hosts = new Map<string, RegistryAnswer[]>();
  for (const [reference, answer] of answers) {
    const { host } = parseReference(reference);
    hosts.set(host, [...hosts.get(host) ?? [], answer]);
  }
  return [...hosts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([host, all]) => {
    const reasons = [...new Set(all.map(why).filter(Boolean))].map((reason) => (reason.startsWith(`${host} `) ? reason.slice(host.length + 1) : reason));
    return `${host}: ${all.filter(({ found }) => found).length} of ${all.length} images${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`;
  });
}

function notThere(reference: string, got: string): Fault {
  return { where: reference, got, allowed: 'a registry that has it and gives it to everybody', do: 'check the network, or use --images auto or --images build, which build what no registry gives' };
}
