import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FaultError } from '../../base/faults';
import { writeFileAtomic } from '../../base/atomic-file';
import type { BuildCache } from './cache';
import { ASSETS, AssetSpec } from './catalogue';
import type { Go } from './go';
import { goFailed } from './tool-faults';
import type { Assets } from './toolbox';

/**
 * Fetches the modules that hold the files (Go checks them against go.sum) and copies the files into the cache.
 *
 * @param toolsFolder the folder with the go.mod files
 * @throws FaultError when a module cannot be fetched or is not the pinned one, or lacks a file
 */
export async function fetchAssets(go: Go, toolsFolder: string, cache: BuildCache, signal?: AbortSignal): Promise<void> {
  for (const asset of ASSETS.filter((each) => !cache.hasAsset(each.name))) {
    const result = await go.run(['mod', 'download', '-json', asset.module], { cwd: join(toolsFolder, asset.pinnedIn), signal });
    const module = parseDownload(result.stdout);
    if (result.status !== 0 || !module.Dir) {
      throw new FaultError('files of the pinned releases are missing', [
        goFailed(`go mod download ${asset.module}`, module.Error ? [...result.errorLines, module.Error] : result.errorLines),
      ]);
    }
    const scratch = join(cache.scratchFolder, asset.name);
    copyFiles(asset, module.Dir, scratch);
    mkdirSync(dirname(cache.asset(asset.name)), { recursive: true });
    renameSync(scratch, cache.asset(asset.name));
  }
}

function parseDownload(text: string): { readonly Dir?: string; readonly Error?: string } {
  try {
    return JSON.parse(text) as { Dir?: string; Error?: string };
  } catch {
    return {};
  }
}

function copyFiles(asset: AssetSpec, from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of asset.files) {
    const paths = file.endsWith('/') ? yamlFiles(join(from, file)) : [join(from, file)];
    const absent = paths.length === 0 ? [file] : paths.filter((path) => !existsSync(path));
    if (absent.length > 0) {
      throw new FaultError('files of the pinned releases are missing', absent.map((path) => ({
        where: `${asset.module}: ${path}`, got: 'no such file', allowed: 'the files named in rehearsal/tools/catalogue.ts', do: 'adapt the catalogue to the new version of the module',
      })));
    }
    // Read and write, not copy: files of the module cache are read-only, and must not stay so here.
    for (const path of paths) writeFileAtomic(join(to, basename(path)), readFileSync(path));
  }
}

function yamlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml').sort().map((name) => join(folder, name));
}

/** Where the files are in the cache. */
export function assetsIn(cache: BuildCache): Assets {
  const stage = (name: string) => join(cache.asset('kwok'), `${name}.yaml`);
  return {
    kwokStages: {
      nodeInitialize: stage('node-initialize'),
      nodeHeartbeat: stage('node-heartbeat'),
      podReady: stage('pod-ready'),
      podComplete: stage('pod-complete'),
      podDelete: stage('pod-delete'),
    },
    kedaCrds: yamlFiles(cache.asset('keda')),
    argoCdCrds: yamlFiles(cache.asset('argo-cd')),
    karpenterCrds: yamlFiles(cache.asset('karpenter')),
  };
}
