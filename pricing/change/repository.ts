import { spawnSync } from 'node:child_process';
import { Fault, FaultError, show } from '../../base/faults';
import { gitEnvironment } from './settings';

/** A file of a commit. */
export interface TreeFile {
  readonly path: string;
  /** Id of its content. */
  readonly blob: string;
}

/** A commit, as somebody named it. */
export interface Commit {
  readonly ref: string;
  readonly id: string;
}

const LARGEST_ANSWER = 512 * 1024 * 1024;
/** Kind of entry of a tree that is a file; a link or a submodule is neither read nor written. */
const FILE_MODES: readonly string[] = ['100644', '100755'];

/** The git repository of a folder, read only. Nothing of it is written: no index, no checkout, no ref. */
export class Repository {
  /** @param root folder of the project, which may be below that of the repository */
  private constructor(private readonly root: string, private readonly prefix: string) {}

  /**
   * Opens the repository a folder is in.
   *
   * @throws FaultError if there is none, or no git
   */
  static open(root: string): Repository {
    const answer = run(root, ['rev-parse', '--show-prefix']);
    if (answer.status !== 0) {
      throw new FaultError('nothing to compare with', [answer.absent
        ? { where: root, got: 'no git on this machine', allowed: 'git 2.30 or newer', do: 'install git, or leave out --against to price what is here' }
        : { where: root, got: answer.complaint, allowed: 'a folder of a git repository', do: 'run it in a clone, or leave out --against to price what is here' }]);
    }
    return new Repository(root, answer.text.trimEnd());
  }

  /**
   * The commit a name stands for: a branch, a tag, an id, `HEAD~1`.
   *
   * @throws FaultError if there is no such commit
   */
  commit(ref: string): Commit {
    const answer = ref.startsWith('-') || ref === '' ? undefined : run(this.root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
    if (answer?.status === 0) return { ref, id: answer.text.trim() };
    const shallow = run(this.root, ['rev-parse', '--is-shallow-repository']).text.trim() === 'true';
    const fault: Fault = shallow
      ? { where: '--against', got: `${show(ref)}, which this shallow clone does not hold`, allowed: 'a commit the clone holds', do: 'fetch it: git fetch --unshallow, or fetch-depth: 0 in a workflow' }
      : { where: '--against', got: `${show(ref)}, which is no commit here`, allowed: 'a branch, a tag, a commit id or HEAD~1', do: 'correct the name, or fetch it: git fetch origin' };
    throw new FaultError('nothing to compare with', [fault]);
  }

  /** Files of a commit below these folders, or of these names, in the project. What is not there is left out. */
  files(commit: Commit, paths: readonly string[]): TreeFile[] {
    const answer = run(this.root, ['ls-tree', '-r', '-z', '--full-tree', commit.id, '--', ...paths.map((path) => `${this.prefix}${path}`)]);
    if (answer.status !== 0) throw this.unreadable(commit, answer.complaint);
    return answer.text.split('\0').filter((entry) => entry !== '').flatMap((entry) => {
      const [meta = '', path = ''] = entry.split('\t');
      const [mode = '', , blob = ''] = meta.split(' ');
      return FILE_MODES.includes(mode) ? [{ path: path.slice(this.prefix.length), blob }] : [];
    });
  }

  /** Contents of files, in their order. */
  contents(commit: Commit, files: readonly TreeFile[]): Buffer[] {
    if (files.length === 0) return [];
    const answer = run(this.root, ['cat-file', '--batch'], files.map((file) => `${file.blob}\n`).join(''));
    if (answer.status !== 0) throw this.unreadable(commit, answer.complaint);
    const contents: Buffer[] = [];
    let offset = 0;
    for (const file of files) {
      const end = answer.bytes.indexOf('\n', offset);
      const [, type, size] = answer.bytes.toString('utf8', offset, end < 0 ? offset : end).split(' ');
      if (type !== 'blob') throw this.unreadable(commit, `no content of ${file.path}`);
      contents.push(answer.bytes.subarray(end + 1, end + 1 + Number(size)));
      offset = end + 1 + Number(size) + 1;
    }
    return contents;
  }

  /** Whether these paths of the working tree differ from the commit it is on. */
  isDirty(paths: readonly string[]): boolean {
    return run(this.root, ['status', '--porcelain', '-z', '--untracked-files=all', '--', ...paths]).text !== '';
  }

  private unreadable(commit: Commit, got: string): FaultError {
    return new FaultError('nothing to compare with', [{ where: `commit ${commit.ref}`, got, allowed: 'a commit with all its files', do: 'fetch it in full: git fetch --refetch origin, or clone without --filter' }]);
  }
}

interface Answer {
  readonly status: number;
  readonly absent: boolean;
  readonly bytes: Buffer;
  readonly text: string;
  readonly complaint: string;
}

function run(cwd: string, args: readonly string[], input = ''): Answer {
  const result = spawnSync('git', args, { cwd, input, env: gitEnvironment(), maxBuffer: LARGEST_ANSWER });
  const complaint = result.stderr?.toString().trim().split('\n')[0] || result.error?.message || `git ${args[0]} ended with ${result.status}`;
  return {
    status: result.status ?? 1, absent: (result.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT',
    bytes: result.stdout ?? Buffer.alloc(0), get text() { return this.bytes.toString('utf8'); }, complaint,
  };
}
