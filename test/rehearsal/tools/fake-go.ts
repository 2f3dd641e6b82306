import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readToolSettings, ToolSettings } from '../../../rehearsal/tools';

/** What the stand-in for Go does; each can be replaced by a line of shell. */
export interface FakeGo {
  /** @default go1.26.8 */
  readonly version?: string;
  /** @default auto */
  readonly toolchain?: string;
  /** Shell that runs for `go mod download`. @default - gives modules with every file that is asked for */
  readonly download?: string;
  /** Shell that runs for `go list`. @default - names three packages */
  readonly list?: string;
  /** Shell that runs for `go build`. @default - names the packages and writes the programs */
  readonly build?: string;
}

/** A machine of its own: a PATH, a cache, a log of what Go was asked. */
export class FakeMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'tideline-tools-'));
  readonly bin = join(this.root, 'bin');
  readonly cache = join(this.root, 'cache');

  constructor() {
    mkdirSync(this.bin);
    this.modules();
  }

  /** Settings of this machine; nothing of the real one but a shell's own folder. */
  settings(extra: Record<string, string> = {}): ToolSettings {
    return readToolSettings({ PATH: `${this.bin}:/usr/bin:/bin`, HOME: this.root, TIDELINE_CACHE: this.cache, FAKE: this.root, ...extra });
  }

  /** As {@link settings}, with a PATH that holds this machine's folder only. */
  bareSettings(extra: Record<string, string> = {}): ToolSettings {
    return { ...this.settings(extra), path: [this.bin] };
  }

  script(name: string, body: string, folder = this.bin): string {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  installGo(go: FakeGo = {}): void {
    this.script('go', `
PATH=/usr/bin:/bin
echo "$*" >> "$FAKE/calls"
case "$1" in
  version) echo "go version ${go.version ?? 'go1.26.8'} linux/amd64" ;;
  env) if [ "$2" = GOTOOLCHAIN ]; then echo ${go.toolchain ?? 'auto'}; else echo "{\\"GOCACHE\\":\\"$FAKE\\",\\"GOMODCACHE\\":\\"$FAKE\\"}"; fi ;;
  mod) ${go.download ?? 'echo "{\\"Dir\\":\\"$FAKE/modules/$4\\"}"'} ;;
  list) ${go.list ?? 'echo "go: downloading example.org/a v1.0.0" >&2; printf "example.org/a 3\\nexample.org/b 5\\nfmt 2\\n"'} ;;
  build) ${go.build ?? this.writePrograms()} ;;
  *) echo "unknown: $*" >&2; exit 2 ;;
esac`);
  }

  /** Shell of a build that succeeds. */
  writePrograms(): string {
    return `
out=; previous=
for each in "$@"; do [ "$previous" = -o ] && out=$each; previous=$each; done
echo example.org/a >&2; echo fmt >&2; echo example.org/b >&2
for each in "$@"; do
  case "$each" in
    example.org/*|-*|/*) ;;
    */v3) name=$(basename "$(dirname "$each")"); printf '#!/bin/sh\\n' > "$out$name"; chmod +x "$out$name" ;;
    *.*/*) name=$(basename "$each"); printf '#!/bin/sh\\n' > "$out$name"; chmod +x "$out$name" ;;
  esac
done`;
  }

  /** What Go was asked, one call a line. */
  calls(): string[] {
    const log = join(this.root, 'calls');
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  }

  private modules(): void {
    const file = (module: string, path: string) => {
      const full = join(this.root, 'modules', module, path);
      mkdirSync(join(full, '..'), { recursive: true });
      writeFileSync(full, `# ${path}\n`);
    };
    for (const stage of ['node/fast/node-initialize', 'node/heartbeat/node-heartbeat', 'pod/fast/pod-ready', 'pod/fast/pod-complete', 'pod/fast/pod-delete']) file('sigs.k8s.io/kwok', `kustomize/stage/${stage}.yaml`);
    file('github.com/kedacore/keda/v2', 'config/crd/bases/keda.sh_scaledobjects.yaml');
    file('github.com/aws/karpenter-provider-aws', 'pkg/apis/crds/karpenter.sh_nodepools.yaml');
    file('github.com/argoproj/argo-cd/v3', 'manifests/crds/application-crd.yaml');
    file('github.com/argoproj/argo-cd/v3', 'manifests/crds/kustomization.yaml');
    file('github.com/argoproj/argo-cd/v3', 'manifests/base/server/argocd-server-role.yaml');
    file('github.com/argoproj/argo-cd/v3', 'manifests/README.md');
    for (const name of ['rbac', 'kustomization']) file('sigs.k8s.io/metrics-server', `manifests/base/${name}.yaml`);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
