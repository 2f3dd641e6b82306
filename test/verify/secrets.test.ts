import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entropy, isSecretByName, looksGenerated, secretAssignments, secretShape } from '../../verify/secret-shapes';
import { changed, expectOne, healthy, Loose, place, run, stack } from './support';

/** Put together here so that no scanner takes this file for a leak. */
const SAMPLES: readonly (readonly [string, string])[] = [
  ['a private key', ['-----BEGIN RSA', 'PRIVATE KEY-----\nMIIB\n'].join(' ')],
  ['a private key', ['-----BEGIN', 'PRIVATE KEY-----'].join(' ')],
  ['an AWS access key id', ['AKIA', 'ABCDEFGHIJKLMNOP'].join('')],
  ['a GitHub token', ['ghp', 'a'.repeat(36)].join('_')],
  ['a GitLab token', ['glpat', 'a1'.repeat(12)].join('-')],
  ['an npm token', ['npm', 'a'.repeat(36)].join('_')],
  ['a Slack token', ['xoxb', '1234567890-abcdef'].join('-')],
  ['a Stripe key', ['sk', 'live', 'a1'.repeat(12)].join('_')],
  ['a Google API key', ['AI', 'za', 'a'.repeat(35)].join('')],
  ['a JSON web token', ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTYifQ', 'c2lnbmF0dXJl'].join('.')],
  ['an address with a password', 'postgres://catalog:hunter2@db.example:5432/catalog'],
];
const GENERATED = 'Xq7' + 'vN2kLr9TzWb4YcHs8Jd3PmGf6A';

const inEnv = (...env: readonly Loose[]) => changed('Deployment', (each) => { each.spec.template.spec.containers[0].env = env; });
const inArgs = (...args: readonly string[]) => changed('Deployment', (each) => { each.spec.template.spec.containers[0].args = args; });
const inConfig = (data: Loose) => changed('ConfigMap', (each) => { each.data = data; });

describe('secrets', () => {
  test('passes for references, having looked at every object and stack', () => {
    const stacks = [stack({ resource: { aws_db_instance: { main: { password_wo: '${ephemeral.aws_secretsmanager_secret_version.db.secret_string}' } } } })];
    expect(run('secrets', healthy(), stacks)).toMatchObject({ status: 'pass', applied: healthy().length + 1 });
  });

  test.each(SAMPLES)('%s is found wherever it stands, and never shown', (name, sample) => {
    for (const objects of [inEnv({ name: 'HARMLESS', value: sample }), inArgs(sample), inConfig({ note: `text ${sample} text` }), changed('Service', (each) => { each.metadata.annotations = { note: sample }; })]) {
      const result = run('secrets', objects);
      expectOne(result, 'dev: ', name);
      expect(JSON.stringify(result)).not.toContain(JSON.stringify(sample).slice(1, -1));
    }
    expectOne(run('secrets', [], [stack({ resource: { aws_ssm_parameter: { note: { value: sample } } } })]), 'stack dev-cluster', name);
  });

  test.each(['data', 'stringData'])('a Secret with %s', (field) => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web', namespace: 'web' }, [field]: { greeting: 'aGVsbG8=' } };
    expectOne(run('secrets', [place(secret)]), 'dev: Secret web/web', 'a Secret with values');
    expect(run('secrets', [place({ ...secret, [field]: {} })]).status).toBe('pass');
  });

  test.each<[string, () => ReturnType<typeof healthy>, string]>([
    ['a variable', () => inEnv({ name: 'DB_PASSWORD', value: 'x' }), 'DB_PASSWORD'],
    ['a variable in camel case', () => inEnv({ name: 'stripeApiKey', value: 'x' }), 'stripeApiKey'],
    ['a variable that begins like a reference', () => inEnv({ name: 'DB_PASSWORD', value: '$ecret-of-the-house' }), 'DB_PASSWORD'],
    ['a variable that goes on after a reference', () => inEnv({ name: 'DB_PASSWORD', value: '${USER}-x' }), 'DB_PASSWORD'],
    ['a flag with its value', () => inArgs('--admin-password=x'), 'admin-password'],
    ['a flag before its value', () => inArgs('--token', 'x'), 'token'],
    ['a key of a ConfigMap', () => inConfig({ 'client-secret': 'x' }), 'client-secret'],
    ['a line of a properties file', () => inConfig({ 'app.properties': 'host=db\nspring.datasource.password=x\n' }), 'spring.datasource.password'],
    ['a line of YAML', () => inConfig({ 'config.yaml': 'receivers:\n  - name: pager\n    service_token: "x"\n' }), 'service_token'],
    ['a value of JSON', () => inConfig({ 'config.json': '{"db": {"password": "x"}}' }), 'password'],
    ['a field of a custom resource', () => changed('Service', (each) => { each.spec.auth = { accessKey: 'x' }; }), 'accessKey'],
  ])('a plain value under a name that says secret: %s', (_, objects, name) => {
    expectOne(run('secrets', objects()), 'dev: ', `a plain value for ${name}`);
  });

  test.each<[string, () => ReturnType<typeof healthy>]>([
    ['a pointer to a Secret', () => inEnv({ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } })],
    ['an empty variable', () => inEnv({ name: 'DB_PASSWORD', value: '' })],
    ['a path to a file', () => inEnv({ name: 'TOKEN', value: '/var/run/secrets/token' }, { name: 'DB_PASSWORD_FILE', value: '/etc/db/password' })],
    ['a variable of a variable', () => inEnv({ name: 'DB_PASSWORD', value: '$(FROM_ABOVE)' })],
    ['a variable of a shell, of a template, and of one that is escaped', () => inConfig({ 'run.sh': 'export DB_PASSWORD=$FROM_ABOVE\nAPI_KEY="${FROM_ABOVE:-}"\nTOKEN=$${ESCAPED}\n' })],
    ['a flag that is followed by another', () => inArgs('--token', '--verbose')],
    ['a name of an entry of the secret store', () => inEnv({ name: 'SECRET', value: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:db' })],
    ['a digest, an address, a UUID and a sentence', () => inConfig({
      digest: `sha256:${'0123456789abcdef'.repeat(4)}`, address: `https://example.com/${GENERATED}`, id: '123e4567-e89b-12d3-a456-426614174000', sentence: 'tokens: the words that a secret has',
    })],
    ['a commit under its name', () => inEnv({ name: 'GIT_COMMIT', value: '0f3c2a9be81d7456c0a1b2e3d4f5968778695a4b' })],
  ])('passes: %s', (_, objects) => {
    expect(run('secrets', objects())).toMatchObject({ status: 'pass', findings: [] });
  });

  test.each<[string, () => ReturnType<typeof healthy>]>([
    ['in a variable', () => inEnv({ name: 'SALT', value: GENERATED })],
    ['in a flag', () => inArgs(`--salt=${GENERATED}`)],
    ['in a ConfigMap', () => inConfig({ salt: GENERATED })],
    ['in hexadecimal', () => inEnv({ name: 'SALT', value: '9f86d081884c7d659a2feaa0c55ad015' })],
  ])('a value that looks generated %s', (_, objects) => {
    const result = run('secrets', objects());
    expectOne(result, 'dev: ', 'looks generated');
    expect(JSON.stringify(result)).not.toContain(GENERATED);
  });

  describe('in stacks', () => {
    test.each<[string, Loose, string]>([
      ['a plain value', { resource: { aws_db_instance: { main: { password: 'x' } } } }, 'a plain value for password'],
      ['a value within the values of a release', { resource: { helm_release: { a: { values: ['{"grafana":{"adminPassword":"x"}}'] } } } }, 'a plain value for adminPassword'],
    ])('%s', (_, json, what) => {
      expectOne(run('secrets', [], [stack(json)]), 'stack dev-cluster', what);
    });
  });
});

const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];
const generated = fc.shuffledSubarray(ALPHABET, { minLength: 32 }).map((characters) => characters.join('')).filter((text) => /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d.*\d/.test(text));
const words = fc.array(fc.constantFrom('the', 'catalog', 'serves', 'requests', 'over', 'http', 'and', 'keeps', 'items', 'in', 'postgres'), { minLength: 1, maxLength: 20 });

describe('any secret', () => {
  test('that a generator made is found in a variable, whatever the name, and never shown', () => {
    fc.assert(fc.property(generated, fc.stringMatching(/^[A-Z]{1,10}$/), (secret, name) => {
      fc.pre(!/(SHA|DIGEST|COMMIT|REVISION|CHECKSUM|HASH|FINGERPRINT|UID|VERSION)$/.test(name));
      const result = run('secrets', inEnv({ name, value: secret }));
      expect(result.status).toBe('fail');
      expect(JSON.stringify(result)).not.toContain(secret);
    }));
  });

  test('under a name that says secret is found, whatever the value', () => {
    const value = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '' && !/^\s*(\/|\$[A-Z_{(]|\$\$)|^\s*(true|false|null)\s*$|^\s*arn:aws/i.test(text));
    fc.assert(fc.property(value, fc.constantFrom('PASSWORD', 'DB_PASSWORD', 'api-key', 'apiKey', 'client_secret', 'AUTH_TOKEN', 'privateKey'), (secret, name) => {
      expect(run('secrets', inEnv({ name, value: secret })).status).toBe('fail');
    }));
  });

  test('is not seen in prose, in words joined to names, or in numbers', () => {
    fc.assert(fc.property(words, fc.constantFrom(' ', '-', '_', '.', '/'), fc.nat(), (list, joint, number) => {
      const text = list.join(joint);
      expect(run('secrets', inEnv({ name: 'NOTE', value: text }, { name: 'PORT', value: String(number) }))).toMatchObject({ status: 'pass' });
      expect(run('secrets', inConfig({ note: `${text}\nlimit: ${number}\n` }))).toMatchObject({ status: 'pass' });
    }));
  });

  test('nothing that a manifest may hold stops the rule', () => {
    fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (value) => {
      const result = run('secrets', [place({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: value })]);
      expect(result.findings.map(({ got }) => got)).not.toContainEqual(expect.stringContaining('the rule itself failed'));
    }));
  });
});

describe('shapes', () => {
  test('entropy is that of its characters', () => {
    expect(entropy('aaaa')).toBe(0);
    expect(entropy('abab')).toBeCloseTo(1);
    expect(entropy('0123456789abcdef')).toBeCloseTo(4);
  });

  test('a name says secret by its last word', () => {
    for (const name of ['password', 'DB_PASSWORD', 'dbPassword', 'github-token', 'aws.secret', 'accessKey']) expect([name, isSecretByName(name, 'x')]).toEqual([name, true]);
    for (const name of ['passwordFile', 'secretName', 'TOKEN_PATH', 'tokens', 'keyboard', 'monkey', 'secretArn', 'tokenizer']) expect([name, isSecretByName(name, 'x')]).toEqual([name, false]);
  });

  test('prose is no assignment', () => {
    expect(secretAssignments('a: b\nexport API_KEY=x\n- token: y\n# password is kept elsewhere\nurl: https://example.com\n')).toEqual(['API_KEY', 'token']);
  });

  test('a long word is not generated', () => {
    expect(looksGenerated('NAME', 'HorizontalPodAutoscalerListMetadata')).toBe(false);
    expect(looksGenerated('NAME', 'a'.repeat(64))).toBe(false);
    expect(secretShape('horizontal pod autoscaler')).toBeUndefined();
  });
});
