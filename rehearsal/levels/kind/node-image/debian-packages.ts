/** What a node runs, as Debian names it. Kubernetes' own programs are compiled; everything else comes from here. */
export const NODE_PACKAGES: readonly string[] = [
  'systemd', 'systemd-sysv', // the first program
  'containerd', 'runc', 'containernetworking-plugins', // pods and their network
  'iptables', 'conntrack', 'ethtool', 'iproute2', 'ipset', 'socat', // what kubelet and kube-proxy call
  'kmod', 'mount', 'procps', 'util-linux', // what systemd, kubelet and the entrypoint call
  'bash', 'dash', 'coreutils', 'findutils', 'grep', 'hostname', 'libc-bin', 'mawk', 'sed', 'tar', // Debian takes them for granted, so nothing depends on them
  'ca-certificates', 'netbase',
];

/** Installing and configuring packages, which no node does. */
export const NOT_IN_NODES: readonly string[] = ['adduser', 'apt', 'debconf', 'dpkg', 'openssl', 'perl-base', 'tzdata'];
