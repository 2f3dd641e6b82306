import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, refuse } from '../../base/faults';
import type { EnvironmentModel } from '../../pricing/contract';
import { parseEnvironment } from './environment-schema';

/** A ConfigMap holds at most 1 MiB; what is larger was not written by us. */
const LARGEST_FILE = 1024 * 1024;

/**
 * The environments that are priced: one `<environment>.json` each in a folder, usually a mounted ConfigMap. Read again by {@link refresh};
 * a file that has become unusable leaves its environment as it was, so that a bad change shows as a fault and not as a missing price.
 */
export class Environments {
  private known = new Map<string, { readonly text: string; readonly model: EnvironmentModel }>();
  private current: readonly Fault[] = [];

  /**
   * Reads the folder for the first time.
   *
   * @throws FaultError naming every fault of every file: a service that starts with half its environments would look complete
   */
  static load(folder: string): Environments {
    const environments = new Environments(folder);
    refuse(`the environments in ${folder} are not usable`, environments.refresh());
    return environments;
  }

  private constructor(private readonly folder: string) {}

  /** Names, sorted. */
  get names(): readonly string[] {
    return [...this.known.keys()].sort();
  }

  /** What is wrong in the folder now. */
  get faults(): readonly Fault[] {
    return this.current;
  }

  tryGet(name: string): EnvironmentModel | undefined {
    return this.known.get(name)?.model;
  }

  /** Reads what has changed. Returns what is wrong; never throws. */
  refresh(): readonly Fault[] {
    const faults: Fault[] = [];
    const files = this.list(faults);
    if (files) {
      const next: typeof this.known = new Map();
      for (const file of files) {
        const name = file.replace(/\.json$/, '');
        const before = this.known.get(name);
        const text = this.read(file, faults);
        if (text === undefined || text === before?.text) {
          if (before) next.set(name, before);
          continue;
        }
        const parsed = parseEnvironment(file, text);
        if ('model' in parsed) {
          next.set(name, { text, model: parsed.model });
        } else {
          faults.push(...parsed.faults);
          if (before) next.set(name, before);
        }
      }
      this.known = next;
    }
    this.current = faults;
    return faults;
  }

  private list(faults: Fault[]): string[] | undefined {
    const allowed = 'a folder with one <environment>.json per environment';
    try {
      const files = readdirSync(this.folder).filter((file) => /^[a-z0-9][a-z0-9-]*\.json$/.test(file)).sort();
      if (files.length > 0) return files;
      faults.push({ where: this.folder, got: 'no <environment>.json', allowed, do: 'mount the ConfigMap cost-environments, or point COST_ENVIRONMENTS_DIR elsewhere' });
    } catch (error) {
      faults.push({ where: this.folder, got: (error as NodeJS.ErrnoException).code ?? 'it cannot be read', allowed, do: 'mount the ConfigMap cost-environments, or point COST_ENVIRONMENTS_DIR elsewhere' });
    }
    return undefined;
  }

  private read(file: string, faults: Fault[]): string | undefined {
    const path = join(this.folder, file);
    try {
      const { size } = statSync(path);
      if (size <= LARGEST_FILE) return readFileSync(path, 'utf8');
      faults.push({ where: file, got: `${size} bytes`, allowed: `at most ${LARGEST_FILE} bytes`, do: 'correct the file' });
    } catch (error) {
      faults.push({ where: file, got: (error as NodeJS.ErrnoException).code ?? 'it cannot be read', allowed: 'a file this user can read', do: 'correct its permissions' });
    }
    return undefined;
  }
}
