import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { FaultError } from '../../base/faults';
import { writeFileAtomic } from '../../base/atomic-file';
import type { ToolCache } from './cache';
import { ASSET_NAMES, ASSETS, AssetSpec } from './catalogue';
import type { Go } from './go';
import type { Pinned } from './pinned';
import { goFailed } from './tool-faults';
import type { Assets } from './toolbox';

/**
 * Fetches the modules that hold the files (Go checks them against go.sum) and copies the files into the cache.
 *
 * @throws FaultError when a module cannot be fetched or is not the pinned one, or lacks a file
 */
export async function fetchAssets(go: Go, pinned: Pinned, cache: ToolCache, signal?: AbortSignal): Promise<void> {
  for (const name of ASSET_NAMES.filter((each) => !cache.hasAsset(each))) {
    const { module, pinnedIn, paths }: AssetSpec = ASSETS[name];
    const result = await go.run(['mod', 'download', '-json', module], { cwd: join(pinned.toolsFolder, pinnedIn), signal });
    const download = parseDownload(result.stdout);
    if (result.status !== 0 || !download.Dir) {
      throw new FaultError('files of the pinned releases are missing', [
        goFailed(`go mod download ${module}`, download.Error ? [...result.errorLines, download.Error] : result.errorLines),
      ]);
    }
    for (const path of paths) {
      const scratch = join(cache.scratchFolder, name, path);
      copyFiles(module, download.Dir, path, scratch);
      const target = cache.asset(name, path);
      mkdirSync(dirname(target), { recursive: true });
      rmSync(target, { recursive: true, force: true });
      renameSync(scratch, target);
    }
  }
}

function parseDownload(text: string): { readonly Dir?: string; readonly Error?: string } {
  try {
    return JSON.parse(text) as { Dir?: string; Error?: string };
  } catch {
    return {};
  }
}

function copyFiles(module: string, from: string, path: string, to: string): void {
  const files = path.endsWith('/') ? yamlFiles(join(from, path)).map((file) => relative(join(from, path), file)) : [''];
  if (files.length === 0 || !existsSync(join(from, path))) {
    throw new FaultError('files of the pinned releases are missing', [{
      where: `${module}: ${path}`, got: 'no such file', allowed: 'the files named in rehearsal/tools/catalogue.ts', do: 'adapt the catalogue to the new version of the module',
    }]);
  }
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    // Read and write, not copy: files of the module cache are read-only, and must not stay so here.
    writeFileAtomic(join(to, file), readFileSync(join(from, path, file)));
  }
}

/** The YAML files in a folder and below it, sorted. */
function yamlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml')).sort().map((name) => join(folder, name));
}

/** Where the files are in the cache. */
export function assetsIn(cache: ToolCache): Assets {
  const stage = (path: string) => cache.asset('kwok', `kustomize/stage/${path}.yaml`);
  const objects = (folder: string) => yamlFiles(folder).filter((path) => basename(path) !== 'kustomization.yaml');
  return {
    kwokStages: {
      nodeInitialize: stage('node/fast/node-initialize'),
      nodeHeartbeat: stage('node/heartbeat/node-heartbeat'),
      podReady: stage('pod/fast/pod-ready'),
      podComplete: stage('pod/fast/pod-complete'),
      podDelete: stage('pod/fast/pod-delete'),
    },
    kedaCrds: objects(cache.asset('keda', 'config/crd/bases/')),
    argoCdCrds: objects(cache.asset('argoCd', 'manifests/crds/')),
    argoCdManifests: cache.asset('argoCd', 'manifests'),
    metricsServerManifests: objects(cache.asset('metricsServer', 'manifests/base/')),
    karpenterCrds: objects(cache.asset('karpenter', 'pkg/apis/crds/')),
  };
}
