import type { Progress } from './toolbox';

/** What a line of `go build -v` or `go list` tells. */
export type BuildLine =
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'download'; readonly name: string }
  | { readonly kind: 'other' };

/** Reads a line of standard error of a go command. */
export function parseBuildLine(line: string): BuildLine {
  const download = /^go: downloading (\S+) (\S+)$/.exec(line);
  if (download) return { kind: 'download', name: `${download[1]} ${download[2]}` };
  // An import path stands alone on its line; messages hold spaces, errors a colon, headers begin with '#'.
  if (/^[A-Za-z0-9_][\w.~/+-]*$/.test(line)) return { kind: 'package', name: line };
  return { kind: 'other' };
}

/** Linking shows no lines; one program costs about as much as this many source files. */
export const LINK_WEIGHT = 250;

/** Turns what a build says into how far it is. Packages weigh as many units as they have source files: they differ a thousandfold. */
export class BuildProgress {
  private readonly weights: ReadonlyMap<string, number>;
  private readonly total: number;
  private readonly seen = new Set<string>();
  private doneWeight = 0;
  private current = 0;
  private detail: string | undefined;

  /**
   * @param step what is built
   * @param stale packages to be compiled, with their number of source files
   * @param programs how many programs will be linked
   * @param seconds seconds since the step began
   */
  constructor(
    private readonly step: string,
    stale: ReadonlyMap<string, number>,
    private readonly programs: number,
    private readonly seconds: () => number,
  ) {
    this.weights = stale;
    this.total = [...stale.values()].reduce((sum, files) => sum + files, 0) + programs * LINK_WEIGHT;
  }

  /** Takes a line of `go build -v`, which names a package when its compilation begins. */
  line(line: string): Progress | undefined {
    const parsed = parseBuildLine(line);
    if (parsed.kind === 'other') return undefined;
    this.detail = parsed.name;
    if (parsed.kind === 'package' && !this.seen.has(parsed.name)) {
      this.seen.add(parsed.name);
      this.doneWeight += this.current;
      this.current = this.weights.get(parsed.name) ?? 0;
    }
    return this.now(0);
  }

  /** @param linked how many programs are there already */
  now(linked: number): Progress {
    const done = Math.min(this.doneWeight + Math.min(linked, this.programs) * LINK_WEIGHT, this.total);
    const elapsedSeconds = this.seconds();
    const share = this.total > 0 ? done / this.total : 1;
    const etaSeconds = share > 0.02 ? Math.round((elapsedSeconds * (1 - share)) / share) : undefined;
    return { step: this.step, done, total: this.total, elapsedSeconds, etaSeconds, detail: this.detail };
  }
}
