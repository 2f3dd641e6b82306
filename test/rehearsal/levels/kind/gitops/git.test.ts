import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../../../../config';
import { gitServer } from '../../../../../rehearsal/levels/kind/gitops/git-server';
import { withTrust } from '../../../../../rehearsal/levels/kind/gitops/install';
import { withHosts } from '../../../../../rehearsal/levels/kind/gitops/name-resolution';
import { folderOf, hostsOf, readTree, refOfRevision, Repositories, repositoriesOf } from '../../../../../rehearsal/levels/kind/gitops/repository';
import { application } from './support';

const folder = mkdtempSync(join(tmpdir(), 'repository-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the Git server', () => {
  it('presents a certificate for the hosts it answers for, signed by the authority that Argo CD is told', async () => {
    const { objects, authorityPem } = await gitServer({ image: 'git:1', hosts: ['github.com', 'git.example'] });
    const pair = objects.find(({ metadata }) => metadata.name === 'git-server-tls')!.stringData;
    const certificate = new X509Certificate(pair['tls.crt']);
    expect(certificate.verify(new X509Certificate(authorityPem).publicKey)).toBe(true);
    for (const host of ['github.com', 'git.example', 'localhost', 'git-server.rehearsal.svc']) expect(certificate.checkHost(host)).toBe(host);
    expect(certificate.checkHost('gitlab.com')).toBeUndefined();
    expect(withTrust([], { hosts: ['github.com'], authorityPem })[0]!.data).toEqual({ 'github.com': authorityPem });
  });

  it('keeps its password in Secrets only, and makes another one each time', async () => {
    const one = await gitServer({ image: 'git:1', hosts: [] });
    const other = await gitServer({ image: 'git:1', hosts: [] });
    expect(one.password).not.toBe(other.password);
    expect(JSON.stringify(one.objects.filter(({ kind }) => kind !== 'Secret'))).not.toContain(one.password);
    expect(JSON.stringify(one.objects.filter(({ kind }) => kind === 'Secret'))).toContain(one.password);
  });

  it('adds whom Argo CD trusts to what is installed, and leaves the rest', () => {
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-tls-certs-cm', namespace: 'argocd' }, data: { 'other.example': 'x' } };
    const other = { ...config, metadata: { ...config.metadata, name: 'argocd-cm' } };
    expect(withTrust([config, other], { hosts: ['github.com'], authorityPem: 'pem' })).toEqual([{ ...config, data: { 'other.example': 'x', 'github.com': 'pem' } }, other]);
  });
});

describe('what CoreDNS is told', () => {
  const COREFILE = '.:53 {\n    errors\n    kubernetes cluster.local {\n       pods insecure\n    }\n    forward . /etc/resolv.conf\n    loop\n}\n';

  it('answers for hosts before it asks anybody, and keeps what it was told', () => {
    const block = '    # what a rehearsal answers for itself\n    hosts {\n        10.96.0.7 github.com\n        fallthrough\n    }\n    # end of it\n';
    expect(withHosts(COREFILE, ['github.com'], '10.96.0.7')).toBe(COREFILE.replace('.:53 {\n', `.:53 {\n${block}`));
  });

  it('replaces what it said before', () => {
    const host = fc.stringMatching(/^[a-z]{1,8}\.example$/);
    fc.assert(fc.property(fc.array(host, { minLength: 1 }), fc.array(host, { minLength: 1 }), fc.ipV4(), fc.ipV4(), (before, after, one, other) => {
      expect(withHosts(withHosts(COREFILE, before, one), after, other)).toBe(withHosts(COREFILE, after, other));
    }));
  });

  it('is refused where there is no zone for all names', () => {
    expect(() => withHosts('cluster.local {\n}\n', ['github.com'], '10.96.0.7')).toThrow(/Corefile\] got: no zone/);
  });
});

describe('repositories', () => {
  const write = (name: string, content: string) => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const assets = { kedaCrds: [write('crds/keda.sh_scaledobjects.yaml', 'kind: CustomResourceDefinition\n')], argoCdCrds: [], karpenterCrds: [] };
  const from = (name: string, repoURL: string, targetRevision: string, path: string) => {
    const made = application(name);
    return { ...made, spec: { ...made.spec, source: { repoURL, targetRevision, path } } };
  };
  const files = new Map([['dist/dev/cost/service.yaml', 'kind: Service\n']]);

  it('are this project\'s own with what is pushed, and upstream\'s with the pinned files where Applications look for them', () => {
    const keda = from('keda-crds', catalogue.keda.repository, 'v9.9.9', 'config/crd/bases');
    expect(repositoriesOf(application('dev-root'), [application('cost'), keda, application('catalog')], files, assets)).toEqual([
      { url: 'https://github.com/example/tideline.git', revision: 'main', files },
      { url: catalogue.keda.repository, revision: 'v9.9.9', files: new Map([['config/crd/bases/keda.sh_scaledobjects.yaml', 'kind: CustomResourceDefinition\n']]) },
    ]);
  });

  it('that nobody here has the files of are all named', () => {
    const strange = ['a', 'b'].map((name) => from(name, `https://git.example/${name}.git`, 'main', '.'));
    expect(() => repositoriesOf(application('dev-root'), strange, files, assets)).toThrow(/Application a\].*\n.*Application b\]/);
  });

  it('have hosts, folders and refs', () => {
    expect(hostsOf([{ url: 'https://github.com/a/b.git' }, { url: 'https://git.example/c' }, { url: 'https://github.com/d/e' }])).toEqual(['git.example', 'github.com']);
    expect(['https://github.com/a/b.git', 'https://github.com/a/b', 'https://github.com/a/b/'].map(folderOf)).toEqual(Array(3).fill('/srv/git/a/b.git'));
    expect(['v2.21.0', '1.0', 'main', 'release-1.2'].map(refOfRevision)).toEqual(['refs/tags/v2.21.0', 'refs/tags/1.0', 'refs/heads/main', 'refs/heads/release-1.2']);
  });

  it('are read from a folder with all that is below it', () => {
    write('tree/dist/dev/a.yaml', 'a\n');
    write('tree/dist/dev/deep/er/b.yaml', 'b\n');
    write('tree/dist/prod/c.yaml', 'c\n');
    expect(readTree(join(folder, 'tree'), 'dist/dev')).toEqual(new Map([['dist/dev/a.yaml', 'a\n'], ['dist/dev/deep/er/b.yaml', 'b\n']]));
  });

  it('whose server takes no commit are told as that', async () => {
    const repositories = new Repositories({ kubectl: async () => '' });
    await expect(repositories.make({ url: 'https://github.com/a/b.git', revision: 'main', files })).rejects.toThrow(/did not take a commit/);
  });
});
