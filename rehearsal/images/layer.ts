/** Something in a layer of an image. */
export interface LayerEntry {
  /** In the image: without a slash at either end, `usr/bin/node`. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** Permission bits, e.g. `0o755`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a file, or the file on disk that holds them. Required for a file. @default - no file */
  readonly content?: Buffer | { readonly file: string };
  /** What a symbolic link names. Required for a link. @default - no link */
  readonly target?: string;
}

/** A Debian package, a Go module or an npm package that is in an image. */
export interface PackageInside {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. @default - not known */
  readonly licence?: string;
}
