import { readFileSync, statfsSync } from 'node:fs';
import { Engine } from './engine';

/** What an engine, and the machine if it runs on this one, have. */
export interface EngineFacts {
  /** `28.2.2`. */
  readonly version: string;
  readonly osType: string;
  /** As Debian and Go name it: `amd64`. */
  readonly architecture: string;
  readonly architectureHere: string;
  readonly cgroupVersion: 1 | 2;
  readonly rootless: boolean;
  /** All of the memory of its machine, bytes. */
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Where it keeps images and volumes. */
  readonly rootFolder: string;
  /** Bytes free there. @default - it runs elsewhere: not known */
  readonly freeDiskBytes?: number;
  /** Bytes that programs can still take. @default - it runs elsewhere: not known */
  readonly availableBytes?: number;
  /** @default - it runs elsewhere: not known */
  readonly inotifyInstances?: number;
  /** @default - it runs elsewhere: not known */
  readonly inotifyWatches?: number;
}

interface Info {
  readonly ServerVersion?: string;
  readonly OSType?: string;
  readonly Architecture?: string;
  readonly CgroupVersion?: string;
  readonly MemTotal?: number;
  readonly NCPU?: number;
  readonly DockerRootDir?: string;
  readonly SecurityOptions?: readonly string[];
  readonly KernelVersion?: string;
  /** What the client says when the engine does not answer. */
  readonly ServerErrors?: readonly string[];
}

/** Asks the engine. @throws FaultError when there is none, or it does not answer */
export async function engineFacts(engine: Engine, signal?: AbortSignal): Promise<EngineFacts> {
  const args = ['info', '--format', '{{json .}}'];
  const result = await engine.run(args, { signal, timeoutSeconds: 30 });
  const info = parse(result.stdout);
  const errors = info.ServerErrors ?? [];
  if (result.status !== 0 || errors.length > 0) throw engine.failure(args, { ...result, errorLines: errors.length > 0 ? errors : result.errorLines });
  const local = isHere(info);
  return {
    version: info.ServerVersion ?? '',
    osType: info.OSType ?? '',
    architecture: normal(info.Architecture ?? ''),
    architectureHere: normal(process.arch),
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    rootless: (info.SecurityOptions ?? []).some((option) => option.includes('rootless')),
    memoryBytes: info.MemTotal ?? 0,
    cpus: info.NCPU ?? 0,
    rootFolder: info.DockerRootDir ?? '',
    ...(local ? {
      freeDiskBytes: freeBelow(info.DockerRootDir ?? '/'),
      availableBytes: availableMemory(),
      inotifyInstances: number('/proc/sys/fs/inotify/max_user_instances'),
      inotifyWatches: number('/proc/sys/fs/inotify/max_user_watches'),
    } : {}),
  };
}

function parse(text: string): Info {
  try {
    return JSON.parse(text) as Info;
  } catch {
    return {};
  }
}

/** The same kernel: what /proc says here is true for the engine. One in a virtual machine has another. */
function isHere(info: Info): boolean {
  return process.platform === 'linux' && contentOf('/proc/sys/kernel/osrelease') === info.KernelVersion;
}

function freeBelow(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined; // only root may look
  }
}

/** `MemAvailable`: free memory, and what the page cache would give back. Bytes. */
function availableMemory(): number | undefined {
  const found = /^MemAvailable:\s+(\d+) kB/m.exec(contentOf('/proc/meminfo') ?? '')?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
}

function number(path: string): number | undefined {
  const found = contentOf(path);
  return found === undefined ? undefined : Number(found);
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

const normal = (name: string) => ({ x86_64: 'amd64', x64: 'amd64', aarch64: 'arm64' })[name] ?? name;
