/** A tree of text files that becomes one commit. */
export interface Commit {
  /** Branch or tag: `refs/heads/main`, `refs/tags/v1.0.0`. */
  readonly ref: string;
  readonly message: string;
  /** Path to content. With a parent, only what changes; else the whole tree. */
  readonly files: ReadonlyMap<string, string>;
  /** Unix seconds of author and committer: the same tree makes the same commit when this is the same. @default 0 */
  readonly time?: number;
  /** Whether it follows what the ref already is. @default false: it is the first of its ref */
  readonly onTop?: boolean;
}

/** Name and address of whoever commits in a rehearsal. */
const AUTHOR = 'Tideline rehearsal <rehearsal@localhost>';

/** Options of `git fast-import` for that input: a commit that is the first of its ref replaces what the ref was. */
export const FAST_IMPORT_OPTIONS = ['--quiet', '--done', '--force'] as const;

/**
 * The input of `git fast-import` that makes a commit. Lengths are bytes of UTF-8, as Git counts.
 *
 * @see https://git-scm.com/docs/git-fast-import
 */
export function fastImport(commit: Commit): string {
  const bytes = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const when = `${AUTHOR} ${commit.time ?? 0} +0000`;
  const files = [...commit.files].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    // A tag as such has no parent to replace; either ref is created or moved to the commit.
    `commit ${commit.ref}\nauthor ${when}\ncommitter ${when}\n`,
    bytes(`${commit.message}\n`),
    commit.onTop ? `from ${commit.ref}^0\n` : 'deleteall\n',
    ...files.map(([path, content]) => `M 100644 inline ${quoted(path)}\n${bytes(content)}`),
    'done\n',
  ].join('');
}

/** A path as C quotes it where it has to be. */
function quoted(path: string): string {
  return /^"|[\n\\]/.test(path) ? `"${path.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"` : path;
}
