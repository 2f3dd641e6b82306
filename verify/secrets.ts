import { ManifestObject, TerraformStack, titleOf } from './objects';
import type { Finding, Rule } from './rule';
import { isSecretByName, looksGenerated, secretAssignments, secretShape } from './secret-shapes';

/** No secret value stands in a manifest or in Terraform's JSON: both are committed or kept in state. */
export const secrets: Rule = {
  id: 'secrets',
  title: 'no secret value stands in manifests or Terraform JSON',
  prove: ({ objects, stacks }) => ({
    applied: objects.length + stacks.length,
    findings: [...objects.flatMap(objectFindings), ...stacks.flatMap(stackFindings)],
  }),
};

/** Told of every place where a secret stands, and what it is. */
type Report = (path: string, what: string) => void;

function finding(where: string, path: string, what: string, on?: ManifestObject): Finding {
  return { on, where: `${where} ${path}`, got: `${what} (not shown)`, allowed: 'a reference to a Secret, or to an entry of the secret store', do: 'name the Secret; its value comes from the secret store at run time' };
}

function objectFindings(each: ManifestObject): Finding[] {
  const { object } = each;
  const findings: Finding[] = [];
  if (object.kind === 'Secret') {
    // Base64 hides nothing; what the values are does not matter.
    for (const field of ['data', 'stringData']) if (Object.keys(object[field] ?? {}).length > 0) findings.push(finding(titleOf(each), field, 'a Secret with values', each));
    return findings;
  }
  walk(object, '', object.kind === 'ConfigMap' ? /^(data|binaryData)\./ : /\.env\[\d+\]\.value$|\.(args|command)\[\d+\]$/, (path, what) => findings.push(finding(titleOf(each), path, what, each)));
  return findings;
}

function stackFindings({ name, json }: TerraformStack): Finding[] {
  const findings: Finding[] = [];
  walk(json, '', undefined, (path, what) => findings.push(finding(`stack ${name}`, path, what)));
  return findings;
}

/** Visits every text of a value. `free`: paths whose texts people write freely, where a text that looks generated is taken for a secret. */
function walk(value: unknown, path: string, free: RegExp | undefined, report: Report): void {
  if (Array.isArray(value)) {
    value.forEach((each, index) => {
      const at = `${path}[${index}]`;
      if (typeof each !== 'string') return walk(each, at, free, report);
      const flag = /^--?([\w.-]+)(?:=(.*))?$/s.exec(each);
      const next: unknown = value[index + 1];
      // `--name=value`, or `--name value`
      const given = flag?.[2] ?? (flag && typeof next === 'string' && !next.startsWith('-') ? next : undefined);
      if (flag && given !== undefined && isSecretByName(flag[1]!, given)) report(at, `a plain value for ${flag[1]}`);
      else text('', flag?.[2] ?? each, at, free, report);
    });
  } else if (typeof value === 'object' && value !== null) {
    const { name } = value as { name?: unknown };
    for (const [key, each] of Object.entries(value)) {
      const at = path === '' ? key : `${path}.${key}`;
      // A variable of a container: its name stands beside its value.
      if (typeof each === 'string') text(key === 'value' && typeof name === 'string' ? name : key, each, at, free, report);
      else walk(each, at, free, report);
    }
  }
}

function text(name: string, value: string, path: string, free: RegExp | undefined, report: Report): void {
  const shape = secretShape(value);
  if (shape !== undefined) return report(path, shape);
  if (isSecretByName(name, value)) return report(path, `a plain value for ${name}`);
  const inner = structured(value);
  if (inner !== undefined) return walk(inner, path, free, report);
  if (value.includes('\n') || free?.test(path) === true) {
    const [assigned] = secretAssignments(value);
    if (assigned !== undefined) return report(path, `a plain value for ${assigned}`);
  }
  if (free?.test(path) === true && looksGenerated(name, value)) report(path, 'a value that looks generated');
}

/** A text that is JSON itself, as the values of a Helm release are. */
function structured(value: string): unknown {
  if (!/^\s*[[{]/.test(value)) return undefined;
  try {
    const inner: unknown = JSON.parse(value);
    return typeof inner === 'object' && inner !== null ? inner : undefined;
  } catch {
    return undefined;
  }
}
