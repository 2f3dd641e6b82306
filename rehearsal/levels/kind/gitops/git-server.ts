import { createHash, randomBytes } from 'node:crypto';
import { Authority } from '../../../control-plane/authority';
import type { KubeObject } from '../../../control-plane/kube-objects';
import { ownWorkload, REHEARSAL_NAMESPACE, rehearsalNamespace } from '../own-workload';

/** Name of the Git server's objects. */
export const GIT_SERVER = 'git-server';
/** Folder of the repositories in its container: `<owner>/<name>.git`. */
export const REPOSITORIES = '/srv/git';
/** Port of its container. */
export const GIT_PORT = 8443;
/** Who may push, with a password of the run. Anyone may read. */
export const PUSHER = 'tideline';

/** A Git server as objects, and what others need to trust it. */
export interface GitServer {
  readonly objects: readonly KubeObject[];
  /** Certificate of the authority that signed the server's, PEM. */
  readonly authorityPem: string;
  /** Of {@link PUSHER}; a secret. */
  readonly password: string;
}

/** Where the files of the configuration and the secrets are mounted, and where the repositories are. */
export interface ServerFolders {
  readonly tls: string;
  readonly users: string;
  readonly repositories: string;
  /** Address the server listens at. @default - all addresses */
  readonly bind?: string;
  /** @default {@link GIT_PORT} */
  readonly port?: number;
}

const IN_CONTAINER: ServerFolders = { tls: '/etc/git-server-tls', users: '/etc/git-server-push', repositories: REPOSITORIES };

/** lighttpd's configuration: Git's own HTTP backend at the root, TLS only, a password for pushing. */
export function lighttpdConfig(folders: ServerFolders = IN_CONTAINER): string {
  const login = 'auth.require = ("" => ("method" => "basic", "realm" => "tideline", "require" => "valid-user"))';
  return `server.modules = ("mod_alias", "mod_setenv", "mod_auth", "mod_authn_file", "mod_cgi", "mod_openssl")
server.port = ${folders.port ?? GIT_PORT}
${folders.bind === undefined ? '' : `server.bind = "${folders.bind}"\n`}server.document-root = "${folders.repositories}"
server.upload-dirs = ("/tmp")
server.tag = ""
ssl.engine = "enable"
ssl.pemfile = "${folders.tls}/tls.crt"
ssl.privkey = "${folders.tls}/tls.key"
alias.url = ("/" => "/usr/lib/git-core/git-http-backend/")
cgi.assign = ("" => "")
setenv.add-environment = ("GIT_PROJECT_ROOT" => "${folders.repositories}", "GIT_HTTP_EXPORT_ALL" => "1", "PATH" => "/usr/bin:/bin", "HOME" => "/tmp")
auth.backend = "plain"
auth.backend.plain.userfile = "${folders.users}/users"
$HTTP["querystring"] =~ "service=git-receive-pack" { ${login} }
$HTTP["url"] =~ "/git-receive-pack$" { ${login} }
`;
}

/** Options of {@link gitServer}. */
export interface GitServerOptions {
  /** Image with lighttpd and Git. */
  readonly image: string;
  /** Hosts it answers for, e.g. `github.com`. */
  readonly hosts: readonly string[];
  /** @default - a random one */
  readonly password?: string;
}

/** The Git server with a certificate of an authority that lives as long as the rehearsal. Its repositories are empty at first and live as long as its pod. */
export async function gitServer(options: GitServerOptions): Promise<GitServer> {
  const authority = await Authority.create('tideline-rehearsal-git');
  const service = `${GIT_SERVER}.${REHEARSAL_NAMESPACE}.svc`;
  const pair = await authority.issue({ commonName: GIT_SERVER, names: [...options.hosts, service, 'localhost', '127.0.0.1'] });
  const password = options.password ?? randomBytes(18).toString('base64url');
  const named = (name: string) => ({ name, namespace: REHEARSAL_NAMESPACE });
  return {
    authorityPem: authority.certPem,
    password,
    objects: [
      rehearsalNamespace,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: named(GIT_SERVER), data: { 'lighttpd.conf': lighttpdConfig() } },
      { apiVersion: 'v1', kind: 'Secret', metadata: named(`${GIT_SERVER}-tls`), type: 'kubernetes.io/tls', stringData: { 'tls.crt': pair.certPem, 'tls.key': pair.keyPem } },
      { apiVersion: 'v1', kind: 'Secret', metadata: named(`${GIT_SERVER}-push`), stringData: { users: `${PUSHER}:${password}\n` } },
      ...ownWorkload({
        name: GIT_SERVER,
        image: options.image,
        port: { name: 'https', number: GIT_PORT },
        servicePort: 443,
        command: ['/usr/sbin/lighttpd', '-D', '-f', '/etc/git-server/lighttpd.conf'],
        env: [{ name: 'HOME', value: '/tmp' }],
        // lighttpd reads its certificate when it starts: another one is another pod.
        annotations: { 'tideline.dev/certificate': createHash('sha256').update(pair.certPem).digest('hex').slice(0, 16) },
        requests: { cpu: '10m', memory: '32Mi' },
        memoryLimit: '128Mi',
        volumes: {
          config: { path: '/etc/git-server', source: { configMap: { name: GIT_SERVER } } },
          tls: { path: IN_CONTAINER.tls, source: { secret: { secretName: `${GIT_SERVER}-tls` } } },
          users: { path: IN_CONTAINER.users, source: { secret: { secretName: `${GIT_SERVER}-push` } } },
          repositories: { path: REPOSITORIES, source: { emptyDir: {} } },
          temporary: { path: '/tmp', source: { emptyDir: {} } },
        },
      }),
    ],
  };
}
