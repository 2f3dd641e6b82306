import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectOne, Loose, run, stack } from './support';

const prove = (json: Loose) => run('secret-taint', [], [stack(json)]);
const encoded = (text: string) => Buffer.from(text).toString('base64');
const PASSWORD = { variable: { password: { type: 'string', sensitive: true } } };

describe('what is marked secret', () => {
  test.each<[string, Loose, string, string]>([
    ['an output, marked or not', { output: { db: { value: '${random_password.db.result}', sensitive: true } } }, 'output.db', 'random_password.db.result'],
    ['an output of an entry of the secret store', { output: { db: { value: '${data.aws_secretsmanager_secret_version.db.secret_string}' } } }, 'output.db', 'secret_string'],
    ['an output of a key', { output: { key: { value: '${tls_private_key.ca.private_key_pem}' } } }, 'output.key', 'private_key_pem'],
    ['an output that takes it from a nested block', { output: { db: { value: '${jsonencode({ p = aws_db_instance.main.password })}' } } }, 'output.db', 'aws_db_instance.main.password'],
    ['an argument that the state keeps', { resource: { aws_db_instance: { main: { password: '${random_password.db.result}' } } } }, 'aws_db_instance.main.password', 'random_password.db.result'],
    ['a sensitive variable in an argument', { ...PASSWORD, resource: { aws_ssm_parameter: { p: { value: '${var.password}' } } } }, 'aws_ssm_parameter.p.value', 'var.password'],
    ['a way over locals', { ...PASSWORD, locals: { one: '${var.password}', two: ['${local.one}'] }, resource: { helm_release: { a: { values: ['p: ${local.two[0]}'] } } } }, 'helm_release.a.values[0]', 'local.two, which is made of local.one, which is made of var.password'],
    ['user data', { ...PASSWORD, resource: { aws_launch_template: { n: { user_data: '${base64encode("export P=${var.password}")}' } } } }, 'aws_launch_template.n.user_data', 'user data made with var.password'],
    ['user data that was encoded at synth', { ...PASSWORD, resource: { aws_launch_template: { n: { user_data: encoded('#!/bin/sh\necho ${var.password}\n') } } } }, 'aws_launch_template.n.user_data', 'user data made with var.password'],
    ['the token of a cluster in a provider\'s data', { data: { http: { q: { request_headers: { Authorization: 'Bearer ${data.aws_eks_cluster_auth.c.token}' } } } } }, 'data.http.q.request_headers.Authorization', 'token'],
    ['a value for a sensitive variable', { variable: { password: { sensitive: true, default: 'hunter2' } } }, 'variable.password.default', 'not shown'],
    ['a literal wrapped in sensitive()', { resource: { aws_ssm_parameter: { p: { description: '${sensitive("hunter2")}' } } } }, 'aws_ssm_parameter.p.description', 'not shown'],
  ])('may not reach %s', (_, json, where, got) => {
    const result = prove(json);
    expectOne(result, `stack dev-cluster ${where}`, got);
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  test.each<[string, Loose]>([
    ['a write-only argument', { ...PASSWORD, resource: { aws_db_instance: { main: { password_wo: '${var.password}', password_wo_version: 1 } } } }],
    ['a write-only value of a release', { ...PASSWORD, resource: { helm_release: { a: { set_wo: [{ name: 'p', value: '${var.password}' }] } } } }],
    ['nowhere, while its name or ARN is handed on', { output: { arn: { value: '${aws_db_instance.main.master_user_secret[0].secret_arn}' } }, resource: { aws_iam_role_policy: { p: { policy: '${aws_secretsmanager_secret.db.arn}' } } } }],
    ['nowhere, while a variable that is not marked does', { variable: { size: { default: 'large' } }, output: { size: { value: '${var.size}' } } }],
  ])('may reach %s', (_, json) => {
    expect(prove(json)).toMatchObject({ status: 'pass', applied: 1 });
  });

  test('is found however long the chain of locals is, and a ring of locals ends', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.boolean(), (length, ring) => {
      const locals = Object.fromEntries(Array.from({ length }, (_, index) => [`l${index}`, index === 0 ? (ring ? `\${local.l${length - 1}}` : '${var.password}') : `\${local.l${index - 1}}`]));
      const { status } = prove({ ...PASSWORD, locals, output: { end: { value: `\${local.l${length - 1}}` } } });
      expect(status).toBe(ring ? 'pass' : 'fail');
    }));
  });
});
