/** Where packages come from. Without a slash at the end. */
export interface Mirror {
  readonly archive: string;
  readonly security: string;
}

/** Debian's own. */
export const UPSTREAM: Mirror = { archive: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' };

/** Asks apt-get for the lines that {@link mirrorOf} reads. */
export const MIRROR_QUERY: readonly string[] = ['indextargets', '--format', '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)'];

const RELEASES = ['bullseye', 'bookworm', 'trixie', 'forky', 'sid', 'oldstable', 'stable', 'testing', 'unstable'];

/**
 * The mirror of Debian that this machine takes its own packages from, because a private network may let it reach no other. Whatever it is, only packages that Debian
 * signed are taken from it.
 *
 * @param targets what `apt-get` prints for {@link MIRROR_QUERY}
 */
export function mirrorOf(targets: string): Mirror {
  const found: { archive?: string; security?: string } = {};
  for (const line of targets.split('\n')) {
    const [address = '', release = '', component, origin] = line.trim().split('|');
    const uri = address.replace(/\/+$/, '');
    const [codename = '', pocket] = release.split(/[-/]/);
    if (component !== 'main' || !RELEASES.includes(codename)) continue;
    // What no release file was fetched for yet has no origin: then the address tells. Others publish for a release of Debian, too.
    if (pocket === 'security' && (origin === 'Debian' || uri.endsWith('/debian-security'))) found.security ??= uri;
    else if (pocket !== 'security' && (origin === 'Debian' || uri.endsWith('/debian'))) found.archive ??= uri;
  }
  return { ...UPSTREAM, ...found };
}
