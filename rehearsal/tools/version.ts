/** Compares dotted versions by number. Negative when `a` is older. A missing part counts as 0; what follows `-` or `+` is ignored. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string) => version.replace(/^(?:v|go)/, '').split(/[-+]|rc|beta/)[0]!.split('.').map(Number);
  const left = parts(a);
  const right = parts(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `1.36.3` -> `1.36`. */
export function minorOf(version: string): string {
  return version.replace(/^v/, '').split('.').slice(0, 2).join('.');
}

/** Finds `1.26.8` in what `go version` prints, also for development builds; undefined when it is something else. */
export function goVersionOf(output: string): string | undefined {
  return /\bgo(\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1];
}
