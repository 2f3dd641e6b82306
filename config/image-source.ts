/** A program compiled from a Go module that `tools/` pins. */
export interface GoProgramSource {
  /** Program of `rehearsal/tools/catalogue.ts`. */
  readonly program: string;
  /** Absolute path in the image. */
  readonly path: string;
}

/**
 * What an image is made of where no registry can be reached. Everything is optional and adds up; a static program alone needs nothing else.
 * Whatever is built of it has no shell and no package manager unless a package brings one.
 */
export interface ImageSource {
  /** Go programs, linked statically. @default - none */
  readonly go?: readonly GoProgramSource[];
  /** Packages of Debian 12, extracted with all they depend on. @default - none */
  readonly debian?: readonly string[];
  /** Packages of that closure which nothing in the image needs: they, and what only they need, are left out. @default - all of it comes along */
  readonly without?: readonly string[];
  /** Entry point of this repository that is bundled to one file, `/app/main.cjs`, beside the Node.js that runs it. @default - none */
  readonly bundle?: string;
  /** Symbolic links: path to target. @default - none */
  readonly links?: Readonly<Record<string, string>>;
  /** Text files: path to content. @default - none */
  readonly files?: Readonly<Record<string, { readonly content: string; readonly executable?: boolean }>>;
  /** Directories the user may write, which an image without a shell cannot make. @default - none */
  readonly writable?: readonly string[];
  /** @default - that of the bundle */
  readonly entrypoint?: readonly string[];
  /** @default - none */
  readonly command?: readonly string[];
  /** Environment variables. @default - none but PATH */
  readonly environment?: Readonly<Record<string, string>>;
  /** Numeric user and group. @default 65532:65532 */
  readonly user?: `${number}:${number}`;
  /** Says that this is no build of the release but something of ours that answers in its place, and why. The rehearsal lists it. @default - it is the release */
  readonly standIn?: string;
}
