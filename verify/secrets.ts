import type { Fault } from '../base/faults';
import { titleOf } from './objects';
import type { Rule } from './rule';

/** Shapes that are secrets wherever they stand. The value itself is never shown. */
const SHAPES: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { name: 'an AWS access key id', pattern: /\b(AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { name: 'a GitHub token', pattern: /\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b/ },
  { name: 'a Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/ },
  { name: 'a JSON web token', pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}/ },
  { name: 'an address with a password', pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']+:[^\s/@"'$]+@/i },
];
/** Names whose plain values are taken for secrets. */
const SECRET_NAME = /(^|[_.-])(password|passwd|secret|token|api[_-]?key|private[_-]?key|credentials?)$/i;
/** Keys and values that only point to a secret. */
const POINTER = /(secretKeyRef|secretName|secretRef|existingSecret|Arn|_arn|Path|_path|File|_file)$/;

/** No secret value stands in a manifest or in Terraform's JSON: both are committed or kept in state. */
export const secrets: Rule = {
  id: 'secrets',
  title: 'no secret value reaches manifests or Terraform JSON',
  prove: ({ objects, stacks }) => {
    const findings: Fault[] = [];
    const report = (where: string, path: string, what: string) => findings.push({
      where: `${where} ${path}`, got: `${what} (not shown)`, allowed: 'a reference to a Secret, or to an entry of the secret store', do: 'name the Secret; its value comes from the secret store at run time',
    });
    for (const each of objects) {
      const { object } = each;
      if (object.kind === 'Secret' && (Object.keys(object.data ?? {}).length > 0 || Object.keys(object.stringData ?? {}).length > 0)) report(titleOf(each), 'data', 'a Secret with values');
      walk(object, '', (path, key, value, parent) => secretIn(key, value, parent, (what) => report(titleOf(each), path, what)));
    }
    for (const stack of stacks) walk(stack.json, '', (path, key, value, parent) => secretIn(key, value, parent, (what) => report(`stack ${stack.name}`, path, what)));
    return { applied: objects.length + stacks.length, findings };
  },
};

function secretIn(key: string, value: string, parent: Readonly<Record<string, unknown>>, found: (what: string) => void): void {
  for (const { name, pattern } of SHAPES) if (pattern.test(value)) return found(name);
  // A variable of a container: its name stands beside its value.
  const name = key === 'value' && typeof parent.name === 'string' ? parent.name : key;
  // `${…}` is resolved by Terraform at apply time, from data or a resource.
  if (SECRET_NAME.test(name) && !POINTER.test(key) && value !== '' && !/^\$\{.*\}$/.test(value)) found(`a plain value for ${name}`);
}

function walk(value: unknown, path: string, visit: (path: string, key: string, value: string, parent: Readonly<Record<string, unknown>>) => void): void {
  if (Array.isArray(value)) {
    value.forEach((each, index) => (typeof each === 'string' ? visit(`${path}[${index}]`, '', each, {}) : walk(each, `${path}[${index}]`, visit)));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      const inner = path === '' ? key : `${path}.${key}`;
      if (typeof each === 'string') visit(inner, key, each, value as Record<string, unknown>);
      else walk(each, inner, visit);
    }
  }
}
