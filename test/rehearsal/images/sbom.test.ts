import { describe, expect, test } from 'vitest';
import type { PackageInside } from '../../../rehearsal/images/layer';
import { parseGoModules, purl, sbom } from '../../../rehearsal/images/sbom';

interface Document {
  readonly packages: readonly { readonly SPDXID: string; readonly name: string; readonly versionInfo: string; readonly licenseDeclared?: string; readonly comment?: string }[];
  readonly relationships: readonly { readonly spdxElementId: string; readonly relationshipType: string; readonly relatedSpdxElement: string }[];
  readonly hasExtractedLicensingInfos?: readonly { readonly licenseId: string }[];
}

const digest = `sha256:${'a'.repeat(64)}`;
const documentOf = (packages: readonly PackageInside[], standIn?: string) => JSON.parse(sbom({ reference: 'quay.io/a/b:1.2', digest, packages, standIn }).toString()) as Document;

describe('the list of an image\'s parts', () => {
  const packages: PackageInside[] = [
    { type: 'npm', name: '@grpc/grpc-js', version: '1.0.0', licence: 'Apache-2.0' },
    { type: 'deb', name: 'libc6', version: '2.36-9+deb12u1', licence: 'LGPL-2.1-or-later AND (MIT OR LicenseRef-Debian-public-domain)' },
    { type: 'golang', name: 'github.com/a/b', version: 'v1.0.0' },
    { type: 'golang', name: 'github.com/a/b', version: 'v1.0.0' },
    { type: 'npm', name: 'odd', version: '1', licence: 'SEE LICENSE IN LICENSE' },
  ];

  test('names each part once, and says that the image contains it', () => {
    const { packages: [image, ...parts], relationships } = documentOf(packages);
    expect(image).toMatchObject({ name: 'quay.io/a/b:1.2', versionInfo: '1.2' });
    expect(parts.map(({ name }) => name)).toEqual(['libc6', 'github.com/a/b', '@grpc/grpc-js', 'odd']);
    expect(new Set(parts.map(({ SPDXID }) => SPDXID)).size).toBe(4);
    expect(relationships).toEqual([
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: image!.SPDXID },
      ...parts.map(({ SPDXID }) => ({ spdxElementId: image!.SPDXID, relationshipType: 'CONTAINS', relatedSpdxElement: SPDXID })),
    ]);
  });

  test('claims no licence that it cannot name, and explains those that only Debian names', () => {
    const document = documentOf(packages);
    expect(document.packages.slice(1).map(({ licenseDeclared }) => licenseDeclared))
      .toEqual(['LGPL-2.1-or-later AND (MIT OR LicenseRef-Debian-public-domain)', 'NOASSERTION', 'Apache-2.0', 'NOASSERTION']);
    expect(document.hasExtractedLicensingInfos?.map(({ licenseId }) => licenseId)).toEqual(['LicenseRef-Debian-public-domain']);
  });

  test('is the same for the same parts in whatever order, and another for another image', () => {
    const of = (all: readonly PackageInside[], other = digest) => sbom({ reference: 'quay.io/a/b:1.2', digest: other, packages: all });
    expect(of([...packages].reverse()).equals(of(packages))).toBe(true);
    expect(of(packages, `sha256:${'b'.repeat(64)}`).equals(of(packages))).toBe(false);
  });

  test('says of a stand-in that it is one', () => {
    expect(documentOf([], 'answers in its place').packages[0]!.comment).toBe('Stands in for the release: answers in its place');
    expect(documentOf([]).packages[0]!.comment).toBeUndefined();
  });
});

test('package URLs escape what their syntax uses', () => {
  expect(purl({ type: 'npm', name: '@grpc/grpc-js', version: '1.0.0' })).toBe('pkg:npm/%40grpc/grpc-js@1.0.0');
  expect(purl({ type: 'deb', name: 'libstdc++6', version: '12.2.0-14+deb12u1' })).toBe('pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1');
});

test('modules are those that were compiled in: of a replaced one, what is there instead', () => {
  expect(parseGoModules([
    '/x/keda-operator: go1.26.8', '\tpath\tgithub.com/kedacore/keda/v2/cmd/operator', '\tmod\ttideline/tools\t(devel)\t',
    '\tdep\tcloud.google.com/go\tv0.1.0\th1:x=', '\tdep\tk8s.io/api\tv0.30.0', '\t=>\tk8s.io/api\tv0.31.0\th1:y=', '\tbuild\tCGO_ENABLED=0', '',
  ].join('\n'))).toEqual([
    { type: 'golang', name: 'stdlib', version: '1.26.8' }, { type: 'golang', name: 'cloud.google.com/go', version: 'v0.1.0' }, { type: 'golang', name: 'k8s.io/api', version: 'v0.31.0' },
  ]);
});
