import type { ImageDeclaration } from './contract';

const IPTABLES = '/usr/local/libexec/iptables-of-node';

/**
 * Calls the iptables of the kind that the node uses, which kubelet tells by a chain: rules of the other kind would be there and do nothing. Upstream's image does the same
 * (https://github.com/kubernetes-sigs/iptables-wrappers).
 */
const IPTABLES_SCRIPT = `#!/usr/bin/busybox sh
kind=nft
for each in nft legacy; do
  if "/usr/sbin/iptables-$each-save" -t mangle 2>/dev/null | busybox grep -q '^:KUBE-IPTABLES-HINT'; then kind=$each; break; fi
done
exec "/usr/sbin/xtables-$kind-multi" "\${0##*/}" "$@"
`;

const IPTABLES_NAMES = ['iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save', 'ip6tables-restore'];

/** Tags of what a node holds from the start, each that of the release it is built from. */
export interface ControlPlaneTags {
  /** Of Kubernetes' own images, e.g. `v1.36.3`. */
  readonly kubernetes: string;
  readonly etcd: string;
  readonly coredns: string;
  readonly provisioner: string;
}

/** What kubeadm starts on a node, and what makes its volumes. They run as upstream's do. */
export function controlPlaneImages(tags: ControlPlaneTags): ImageDeclaration[] {
  const program = (name: string, user: `${number}:${number}` = '0:0') => ({ go: [{ program: name, path: `/usr/local/bin/${name}` }], entrypoint: [`/usr/local/bin/${name}`], user }) as const;
  const release = (name: string) => `registry.k8s.io/${name}:${tags.kubernetes}`;
  return [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => ({ reference: release(name), source: program(name) })),
    {
      reference: release('kube-proxy'),
      source: {
        ...program('kube-proxy'),
        // The extensions of iptables are libraries that it opens when a rule needs them: all of Debian's package is there, with what they are linked to.
        debian: ['iptables', 'conntrack', 'ipset', 'kmod', 'nftables', 'busybox-static'],
        files: { [IPTABLES]: { content: IPTABLES_SCRIPT, executable: true } },
        links: Object.fromEntries(IPTABLES_NAMES.map((name) => [`/usr/sbin/${name}`, IPTABLES])),
      },
    },
    { reference: `registry.k8s.io/etcd:${tags.etcd}`, source: program('etcd') },
    // Its Deployment leaves it the one capability to open port 53, which only root gets without a mark on the file.
    { reference: `registry.k8s.io/coredns/coredns:${tags.coredns}`, source: program('coredns') },
    PAUSE,
    { reference: `docker.io/rancher/local-path-provisioner:${tags.provisioner}`, source: program('local-path-provisioner', '65532:65532') },
    DEBUG,
  ];
}

/** Holds the namespaces of a pod. */
export const PAUSE: ImageDeclaration = {
  reference: 'registry.k8s.io/pause:3.10.2',
  source: {
    debian: ['catatonit'],
    entrypoint: ['/usr/bin/catatonit', '-P'],
    user: '65535:65535',
    standIn: 'catatonit -P, a static program that waits and reaps as the release does',
  },
};

/** Names that busybox goes by, as far as somebody who looks into a cluster wants them. */
const TOOLS = [
  'ash', 'awk', 'base64', 'cat', 'chmod', 'chown', 'cp', 'cut', 'date', 'dd', 'df', 'du', 'echo', 'env', 'find', 'free', 'grep', 'gunzip', 'gzip', 'head', 'hostname', 'id', 'ip', 'kill',
  'less', 'ln', 'ls', 'mkdir', 'mktemp', 'mv', 'nc', 'netstat', 'nslookup', 'ping', 'printenv', 'ps', 'pwd', 'readlink', 'rm', 'rmdir', 'route', 'sed', 'seq', 'sh', 'sha256sum', 'sleep', 'sort',
  'stat', 'tail', 'tar', 'tee', 'test', 'timeout', 'top', 'touch', 'traceroute', 'tr', 'true', 'uname', 'uniq', 'vi', 'wc', 'wget', 'which', 'whoami', 'xargs',
];

/** A shell and small tools: for looking into a cluster (`kubectl debug --image=...`), and for what makes the folders of volumes. */
export const DEBUG: ImageDeclaration = {
  reference: 'docker.io/library/busybox:1.35.0',
  source: {
    debian: ['busybox-static'],
    links: Object.fromEntries(TOOLS.map((name) => [`/usr/bin/${name}`, 'busybox'])),
    entrypoint: ['/usr/bin/sh'],
  },
};

const POSTGRES_PROGRAMS = '/usr/lib/postgresql/15/bin';

/**
 * Initialises a data folder that is empty and starts the server: the variables are those of the official image. Passwords are asked for from everywhere, and each of the two
 * steps of the initialisation is done again if a run was ended before it was whole.
 */
const POSTGRES_SCRIPT = `#!/usr/bin/dash
set -eu
user=\${POSTGRES_USER:-postgres}
database=\${POSTGRES_DB:-$user}
if [ ! -f "$PGDATA/initialised" ]; then
  if [ -n "\${POSTGRES_PASSWORD_FILE:-}" ]; then
    IFS= read -r password <"$POSTGRES_PASSWORD_FILE" || [ -n "$password" ]
  else
    password=\${POSTGRES_PASSWORD:-}
  fi
  if [ -z "$password" ]; then
    echo 'a new database needs POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE' >&2
    exit 1
  fi
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    printf '%s\\n' "$password" | ${POSTGRES_PROGRAMS}/initdb --pgdata="$PGDATA" --username="$user" --pwfile=/dev/stdin --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
  fi
  printf 'local all all scram-sha-256\\nhost all all all scram-sha-256\\n' >"$PGDATA/pg_hba.conf"
  if [ "$database" != postgres ]; then
    printf 'CREATE DATABASE "%s"\\n' "$database" | ${POSTGRES_PROGRAMS}/postgres --single -D "$PGDATA" postgres
  fi
  : >"$PGDATA/initialised"
fi
unset POSTGRES_PASSWORD
exec ${POSTGRES_PROGRAMS}/postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories= -c jit=off "$@"
`;

/** PostgreSQL for a rehearsal: what RDS is in the cloud. Listens on 5432, over TCP alone. */
export const POSTGRES: ImageDeclaration = {
  reference: 'docker.io/library/postgres:15-bookworm',
  source: {
    debian: ['dash', 'libc-bin', 'postgresql-15'], // libc-bin has the locale
    without: ['libllvm14', 'locales', 'postgresql-client-common', 'postgresql-common', 'ssl-cert'], // just-in-time compilation, other languages, Debian's own scripts
    files: { '/usr/local/bin/docker-entrypoint.sh': { content: POSTGRES_SCRIPT, executable: true } },
    links: Object.fromEntries(['pg_isready', 'psql', 'pg_dump'].map((name) => [`/usr/bin/${name}`, `${POSTGRES_PROGRAMS}/${name}`])),
    writable: ['/var/lib/postgresql/data'],
    environment: { PGDATA: '/var/lib/postgresql/data' },
    entrypoint: ['/usr/local/bin/docker-entrypoint.sh'],
    user: '999:999',
    standIn: 'Debian\'s PostgreSQL 15 with a start script of ours that takes the same variables as the official image\'s',
  },
};

/** Git over HTTPS: lighttpd calls Git's own backend. Configuration, certificate and passwords are mounted. */
export const GIT_SERVER: ImageDeclaration = {
  reference: 'tideline.dev/git-server:1',
  ours: true,
  source: {
    debian: ['git', 'lighttpd', 'lighttpd-mod-openssl'],
    environment: { HOME: '/tmp' },
    entrypoint: ['/usr/sbin/lighttpd', '-D', '-f', '/etc/git-server/lighttpd.conf'],
  },
};
