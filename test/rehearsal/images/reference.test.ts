import { describe, expect, test } from 'vitest';
import { familiarName, normalizedName, parseReference } from '../../../rehearsal/images/reference';

const digest = `sha256:${'a'.repeat(64)}`;

describe('a name of an image', () => {
  test.each([
    ['busybox', { host: 'docker.io', repository: 'library/busybox', tag: 'latest' }],
    ['rancher/local-path-provisioner:v0.0.30', { host: 'docker.io', repository: 'rancher/local-path-provisioner', tag: 'v0.0.30' }],
    ['docker.io/busybox:1', { host: 'docker.io', repository: 'library/busybox', tag: '1' }],
    ['quay.io/argoproj/argocd:v3.2.5', { host: 'quay.io', repository: 'argoproj/argocd', tag: 'v3.2.5' }],
    ['localhost/a', { host: 'localhost', repository: 'a', tag: 'latest' }],
    ['registry:5000/a/b:c', { host: 'registry:5000', repository: 'a/b', tag: 'c' }],
    [`public.ecr.aws/karpenter/controller:1.14.1@${digest}`, { host: 'public.ecr.aws', repository: 'karpenter/controller', tag: '1.14.1', digest }],
    [`quay.io/a/b@${digest}`, { host: 'quay.io', repository: 'a/b', digest }],
  ])('%s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  test('is stored by containerd with everything that may be left out', () => {
    expect(normalizedName('busybox:1')).toBe('docker.io/library/busybox:1');
    expect(normalizedName(`quay.io/a/b@${digest}`)).toBe(`quay.io/a/b@${digest}`);
  });

  test('is read by Docker without it', () => {
    expect(familiarName('docker.io/library/busybox')).toBe('busybox:latest');
    expect(familiarName('docker.io/rancher/x:1')).toBe('rancher/x:1');
    expect(familiarName('quay.io/argoproj/argocd:v3.2.5')).toBe('quay.io/argoproj/argocd:v3.2.5');
  });
});
