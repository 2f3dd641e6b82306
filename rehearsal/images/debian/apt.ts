import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../base/atomic-file';
import { FaultError } from '../../../base/faults';
import { runCommand, CommandResult } from '../../tools/command';
import { inheritedEnvironment } from '../../settings';
import { FAILED, noRoom } from './debian-faults';
import { Mirror, MIRROR_QUERY, mirrorOf } from './mirror';

/** The keys of Debian's archive, as every Debian has them and other systems may. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * What only maintainer scripts and those of an init system call, which are never run here: they count as installed, so that neither
 * they nor what only they need come along. Perl is among them, as those who need it otherwise (`git send-email`) are rare.
 */
const FOR_SCRIPTS_ONLY = [
  'adduser', 'debconf', 'debianutils', 'dpkg', 'init-system-helpers', 'install-info', 'liberror-perl', 'lsb-base', 'openssl', 'passwd', 'perl', 'sensible-utils', 'ucf', 'usr-is-merged',
  'usrmerge',
];

/** Names that count as installed, sorted: those a caller can do without, and those that only scripts need, unless they are wanted. */
export function absentFor(packages: readonly string[], without: readonly string[]): string[] {
  return [...new Set([...FOR_SCRIPTS_ONLY.filter((name) => !packages.includes(name)), ...without])].sort();
}

/** An index younger than this is as good as a new one: the images of one run ask for it one after the other. Milliseconds. */
const FRESH_MS = 3_600_000;

/** A package as apt-get chose it. */
export interface ChosenPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Name of its .deb. */
  readonly archive: string;
}

/** What a resolution is asked for. */
export interface AptRequest {
  /** `bookworm`. */
  readonly suite: string;
  /** `amd64`. */
  readonly architecture: string;
  /** Names that are wanted. */
  readonly packages: readonly string[];
  /** Names that count as installed. */
  readonly absent: readonly string[];
}

/**
 * The machine's own apt-get, with folders of our own: it decides what depends on what, fetches and verifies, and knows nothing of what is installed on this machine.
 * Proxies and certificates that the machine's configuration names hold.
 */
export class Apt {
  /** @param folder is made; nothing outside of it is written */
  constructor(private readonly folder: string, private readonly signal?: AbortSignal) {}

  /**
   * What has to be installed for the packages to work, in alphabetical order.
   *
   * @param refresh asks the mirror for its index even if it was asked a moment ago
   * @throws FaultError when there is no apt-get, a package does not exist, or the mirror does not answer and never did
   */
  async resolve(request: AptRequest, refresh: boolean): Promise<ChosenPackage[]> {
    const configuration = await this.configure(request);
    await this.update(configuration, refresh);
    const result = await this.run(configuration, ['install', '--no-install-recommends', '--print-uris', '--yes', '-qq', ...request.packages]);
    if (result.status !== 0) throw failed(`packages ${request.packages.join(' ')}`, result, 'names of packages of Debian whose mirror answers', 'mend the name, or see that the mirror can be reached');
    return parseUris(result.stdout);
  }

  /**
   * Fetches packages that {@link resolve} chose; apt-get checks each against the signed index.
   *
   * @returns the folder that holds the .deb files
   * @throws FaultError when one cannot be had
   */
  async download(request: AptRequest, chosen: readonly ChosenPackage[]): Promise<string> {
    const folder = join(this.folder, 'archives');
    mkdirSync(folder, { recursive: true });
    const configuration = await this.configure(request);
    if (chosen.length === 0) return folder;
    const result = await this.run(configuration, ['download', '-q', ...chosen.map(({ name, version }) => `${name}=${version}`)], folder); // what an ended run left is verified too
    if (result.status !== 0) {
      rmSync(this.updated, { force: true }); // what the index names may be there no more
      throw failed('the mirror', result, 'every package of the resolution', 'see that the mirror can be reached, and run again: what was fetched is kept');
    }
    return folder;
  }

  /** Brings the index up to date. Where the mirror does not answer, an index of before is good enough: only what is missing afterwards is a fault. */
  private async update(configuration: string, refresh: boolean): Promise<void> {
    const age = statSync(configuration).mtimeMs - (statSync(this.updated, { throwIfNoEntry: false })?.mtimeMs ?? 0); // the configuration was written just now
    if (!refresh && age < FRESH_MS) return;
    const result = await this.run(configuration, ['update', '-q']);
    if (result.status === 0) return writeFileAtomic(this.updated, '');
    if (existsSync(this.updated)) return;
    throw failed('the index of packages', result, 'a mirror that answers, signed by Debian', 'see that the mirror in this machine\'s apt sources, or deb.debian.org, can be reached');
  }

  /** Its age is that of the index. */
  private get updated(): string {
    return join(this.folder, 'updated');
  }

  private async configure({ suite, architecture, absent }: AptRequest): Promise<string> {
    for (const part of ['lists/partial', 'none/partial']) mkdirSync(join(this.folder, part), { recursive: true });
    const mirror = mirrorOf((await this.runAs(MIRROR_QUERY)).stdout);
    if (!existsSync(KEYRING)) throw cannot(`no ${KEYRING}`, 'install the package debian-archive-keyring');
    const write = (name: string, content: string) => {
      const path = join(this.folder, name);
      writeFileAtomic(path, content);
      return path;
    };
    const sources = write('sources.list', sourcesFor(mirror, suite, architecture));
    const status = write('status', absent.map((name) => installed(name, architecture)).join('\n'));
    return write('apt.conf', configurationFor(this.folder, sources, status, architecture));
  }

  private run(configuration: string, args: readonly string[], cwd?: string): Promise<CommandResult> {
    return this.runAs(['-c', configuration, ...args], cwd);
  }

  private async runAs(args: readonly string[], cwd = this.folder): Promise<CommandResult> {
    try {
      return await runCommand('apt-get', args, { cwd, environment: inheritedEnvironment({ LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' }), signal: this.signal });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw cannot('no apt-get', 'pull the images (--images pull), or run this in a Debian container or virtual machine');
    }
  }
}

/** `signed-by` makes a mirror that serves anything else than Debian's own packages useless to whoever runs it. */
function sourcesFor({ archive, security }: Mirror, suite: string, architecture: string): string {
  const options = `[arch=${architecture} signed-by=${KEYRING}]`;
  return [`deb ${options} ${archive} ${suite} main`, `deb ${options} ${archive} ${suite}-updates main`, `deb ${options} ${security} ${suite}-security main`, ''].join('\n');
}

/** Read after the machine's own configuration, whose hooks would write to the machine's own folders. */
function configurationFor(folder: string, sources: string, status: string, architecture: string): string {
  const nothing = join(folder, 'none');
  const hooks = ['Pre-Invoke', 'Post-Invoke', 'Post-Invoke-Success', 'Post-Invoke-Stats'].flatMap((hook) => [`#clear APT::Update::${hook};`, `#clear DPkg::${hook};`]);
  return [
    ...hooks,
    '#clear DPkg::Pre-Install-Pkgs;',
    '#clear APT::Architectures;',
    '#clear APT::Default-Release;',
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    'APT::Install-Suggests "false";',
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    'Acquire::http::Timeout "15";',
    'Acquire::https::Timeout "15";',
    'APT::Update::Error-Mode "any";', // else a mirror that does not answer is no error
    `Dir::State "${folder}";`,
    `Dir::State::lists "${join(folder, 'lists')}";`,
    `Dir::State::status "${status}";`,
    `Dir::Cache "${folder}";`,
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    `Dir::Cache::archives "${nothing}";`, // apt-get does not name what is there already
    `Dir::Etc::sourcelist "${sources}";`,
    `Dir::Etc::sourceparts "${nothing}";`,
    `Dir::Etc::preferences "${join(nothing, 'preferences')}";`,
    `Dir::Etc::preferencesparts "${nothing}";`,
    `Dir::Log "${folder}";`,
    '',
  ].join('\n');
}

/** A package that counts as installed. */
function installed(name: string, architecture: string): string {
  return [`Package: ${name}`, 'Status: install ok installed', 'Maintainer: none', `Architecture: ${architecture}`, 'Multi-Arch: allowed', 'Version: 99:0', 'Description: not needed', ''].join('\n');
}

/** Reads `'<uri>' <archive> <bytes> <hash>`. */
export function parseUris(text: string): ChosenPackage[] {
  const chosen: ChosenPackage[] = [];
  for (const line of text.split('\n')) {
    const archive = /^'[^']+' (\S+\.deb) \d+/.exec(line)?.[1];
    const [name, version, architecture] = archive?.replace(/\.deb$/, '').split('_') ?? [];
    if (archive && name && version && architecture) chosen.push({ name, version: decodeURIComponent(version), architecture, archive });
  }
  return chosen.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function failed(where: string, result: CommandResult, allowed: string, todo: string): FaultError {
  if (result.errorLines.some((line) => /no space left/i.test(line))) return noRoom(where);
  const errors = result.errorLines.filter((line) => /^[EW]:/.test(line));
  return new FaultError(FAILED, [{ where, got: (errors.length > 0 ? errors : result.errorLines).slice(-5).join('; ') || `apt-get ended with ${result.status}`, allowed, do: todo }]);
}

function cannot(got: string, todo: string): FaultError {
  return new FaultError(FAILED, [{ where: 'this machine', got, allowed: 'apt-get, dpkg-deb and the keys of Debian\'s archive', do: todo }]);
}
