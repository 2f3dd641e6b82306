import type { TerraformStack } from './objects';
import type { Finding, Rule } from './rule';
import { Reference, referencesIn } from '../base/terraform-references';

type Blocks = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Attributes that are secret once Terraform has resolved them, as `type.attribute`. */
const SECRET_ATTRIBUTE = new RegExp(`^(${[
  'random_password\\.(result|bcrypt_hash)', 'aws_secretsmanager_(random_password|secret_version)\\.(random_password|secret_(string|binary))', 'tls_private_key\\.private_key\\w*',
  'aws_iam_access_key\\.(secret|ses_smtp_password_v4)', 'aws_(eks|ecrpublic|ecr)\\w*_(cluster_auth|authorization_token)\\.(token|password|authorization_token)',
  'aws_ssm_parameter\\.value', 'aws_kms_secrets\\.plaintext', 'kubernetes_secret(_v1)?\\.(data|binary_data)', '\\w+\\.(\\w+_)?(password|auth_token|master_user_password)',
].join('|')})(\\W|$)`);
/** Arguments that Terraform hands to the provider and keeps nowhere. */
const WRITE_ONLY = /(^|\.)(\w+_wo|set_wo(\[\d+\])?\.value)$/;
/** Arguments that a machine gets at its start and anybody on it can read. */
const USER_DATA = /(^|\.)(user_data|user_data_base64|custom_data)$/;

/**
 * Follows what is marked secret: sensitive variables, attributes that providers keep secret, and what is wrapped in `sensitive(...)`, through locals and data sources. It may end
 * in a write-only argument and nowhere else: every other argument is kept in the state and shown to whoever reads it, marked or not.
 *
 * @see https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only
 */
export const secretTaint: Rule = {
  id: 'secret-taint',
  title: 'what is marked secret reaches no argument that is kept, no output and no user data',
  prove: ({ stacks }) => ({ applied: stacks.length, findings: stacks.flatMap(stackFindings) }),
};

function stackFindings(stack: TerraformStack): Finding[] {
  const { json, name } = stack;
  const findings: Finding[] = [];
  const finding = (path: string, got: string) => findings.push({
    where: `stack ${name} ${path}`, got, allowed: 'a write-only argument (…_wo), or a name or ARN that the reader of the secret looks up by itself',
    do: 'let AWS make and keep the secret (manage_master_user_password, an empty secret), and hand on its ARN',
  });
  for (const [variable, block] of entries(json.variable)) {
    if ((block as { sensitive?: unknown }).sensitive === true && (block as { default?: unknown }).default !== undefined) finding(`variable.${variable}.default`, 'a value for a variable marked sensitive (not shown)');
  }
  const secret = secretsOf(json);
  const visit = (value: unknown, path: string) => {
    if (typeof value === 'string') {
      if (/(?<!\w)sensitive\(\s*\\?"(?!\$\{)/.test(value)) finding(path, 'a literal marked as sensitive (not shown)');
      if (WRITE_ONLY.test(path)) return;
      for (const reference of referencesIn(decoded(path, value))) {
        const why = secret(reference);
        if (why !== undefined) finding(path, USER_DATA.test(path) ? `user data made with ${why}` : why);
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) if (key !== '//') visit(inner, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`);
    }
  };
  for (const [kind, prefix] of [['resource', ''], ['data', 'data.']] as const) {
    for (const [type, named] of entries(json[kind])) for (const [id, block] of entries(named)) visit(block, `${prefix}${type}.${id}`);
  }
  for (const [output, block] of entries(json.output)) visit((block as { value?: unknown }).value, `output.${output}`);
  return findings;
}

/** Says why a reference is secret: by itself, or because of what it stands for. */
function secretsOf(json: TerraformStack['json']): (reference: Reference) => string | undefined {
  const variables = Object.fromEntries(entries(json.variable)) as Readonly<Record<string, { readonly sensitive?: boolean }>>;
  const locals = Object.fromEntries(entries(json.locals));
  const data = (json.data ?? {}) as Blocks;
  const within = new Set<string>();
  const why = ({ address, kind, type, name, attribute }: Reference): string | undefined => {
    if (kind === 'var') return variables[name]?.sensitive === true ? address : undefined;
    if (kind !== 'local' && SECRET_ATTRIBUTE.test(`${type}.${attribute}`)) return `${address}.${attribute}`;
    // What a template or a local is made of; a data source of a provider answers something of its own.
    const made = kind === 'local' ? locals[name] : kind === 'data' && /^(template_|cloudinit_|external|null_)/.test(type) ? data[type]?.[name] : undefined;
    if (made === undefined || within.has(address)) return undefined;
    within.add(address);
    const inner = referencesIn(made).map(why).find((each) => each !== undefined);
    within.delete(address);
    return inner && `${address}, which is made of ${inner}`;
  };
  return why;
}

/** User data is often encoded, which hides nothing. */
function decoded(path: string, value: string): string {
  if (!USER_DATA.test(path) || !/^[A-Za-z0-9+/\s]{16,}={0,2}$/.test(value)) return value;
  return `${value}\n${Buffer.from(value, 'base64').toString('utf8')}`;
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
