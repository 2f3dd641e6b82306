/** Shapes that are secrets wherever they stand. */
const SHAPES: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAGE-SECRET-KEY-1[0-9A-Z]{10,}/ },
  { name: 'an AWS access key id', pattern: /\b(AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { name: 'a GitHub token', pattern: /\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b/ },
  { name: 'a GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20,}/ },
  { name: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { name: 'a Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/ },
  { name: 'a Stripe key', pattern: /\b[rs]k_live_[A-Za-z0-9]{16,}/ },
  { name: 'a Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}/ },
  { name: 'a JSON web token', pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}/ },
  { name: 'an address with a password', pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:[^\s/@"'$]+@/i },
];
/** Last word of a name whose plain values are taken for secrets. What ends in Arn, File, Name, Path or Ref only points to one. */
const SECRET_NAME = /(^|[_.-])(password|passwd|passphrase|pwd|secret|token|(api|access|account|private|signing|encryption)[_-]?key|credentials?)$/;
/** Values that point elsewhere (a variable, a file, an entry of a store), or cannot be a secret. */
const REFERENCE = /^(\/[\w.-]+(\/[\w.-]+)+|arn:aws[\w-]*:.*|true|false|null|)$/i;
/** A variable: of Terraform or a shell (also escaped, also where an assignment was cut at a quote), of Kubernetes, of a shell without braces. A dollar alone makes none. */
const VARIABLE = /^(\$?\$\{([^}]*|[\s\S]*\})|\$\([\w.-]+\)|\$[A-Z_][A-Z0-9_]*)$/;
/** Names of values that are random by nature, and public. */
const PUBLIC_NAME = /(sha|sha256|digest|commit|revision|checksum|hash|fingerprint|uid|uuid|version)$/;

function normalized(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** What kind of secret a text holds by its shape alone; undefined for none. Never the text itself. */
export function secretShape(text: string): string | undefined {
  return SHAPES.find(({ pattern }) => pattern.test(text))?.name;
}

/** Whether a plain value under this name is taken for a secret. */
export function isSecretByName(name: string, value: string): boolean {
  const given = value.trim();
  return SECRET_NAME.test(normalized(name)) && !REFERENCE.test(given) && !VARIABLE.test(given);
}

/** Names of secrets that the lines of a text (properties, YAML, shell) give values to. */
export function secretAssignments(text: string): string[] {
  return [...text.matchAll(/^[ \t]*(?:-[ \t]+|export[ \t]+)?["']?([\w.-]+)["']?[ \t]*[:=][ \t]*["']?([^\s"',;]+)/gm)]
    .filter(([, name = '', value = '']) => isSecretByName(name, value)).map(([, name = '']) => name);
}

/** Shannon entropy, bits per character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}

/**
 * Whether a value reads like a generated secret: a run of at least 24 letters and digits of both cases, or 32 hexadecimal digits, as mixed as only generators make them.
 * Addresses, digests and values whose name says that they are public are none.
 */
export function looksGenerated(name: string, value: string): boolean {
  if (PUBLIC_NAME.test(normalized(name)) || /:\/\/|\bsha\d+[:-]|^arn:/.test(value)) return false;
  return (value.match(/[A-Za-z0-9+/_=-]{24,}/g) ?? []).some((run) => {
    if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(run)) return false; // a UUID names something
    if (/^[0-9a-f]{32,}$/i.test(run)) return entropy(run) >= 3;
    return [/[a-z]/, /[A-Z]/, /\d.*\d/].every((pattern) => pattern.test(run)) && entropy(run) >= 3.9;
  });
}
