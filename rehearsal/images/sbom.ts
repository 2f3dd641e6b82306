import { createHash } from 'node:crypto';
import type { PackageInside } from './layer';
import { json } from './oci-image';
import { parseReference } from './reference';

/** What a list of an image's parts is made of. */
export interface SbomInput {
  readonly reference: string;
  /** Digest of the manifest, `sha256:...`. */
  readonly digest: string;
  readonly packages: readonly PackageInside[];
  /** Why it is no build of the release. @default - it is the release */
  readonly standIn?: string;
}

/**
 * The parts of an image as SPDX 2.3 in JSON. Nothing in it tells when it was made, so that equal images have equal documents.
 *
 * @see https://spdx.github.io/spdx-spec/v2.3/
 */
export function sbom({ reference, digest, packages, standIn }: SbomInput): Buffer {
  const unique = new Map(packages.map((each) => [purl(each), each]));
  const parts = [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([url, each], index) => ({
    SPDXID: `SPDXRef-Package-${index + 1}`,
    name: each.name,
    versionInfo: each.version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: licence(each.licence),
    copyrightText: 'NOASSERTION',
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: url }],
  }));
  const image = {
    SPDXID: 'SPDXRef-Image',
    name: reference,
    versionInfo: parseReference(reference).tag ?? digest,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    primaryPackagePurpose: 'CONTAINER',
    checksums: [{ algorithm: 'SHA256', checksumValue: digest.replace('sha256:', '') }],
    comment: standIn === undefined ? undefined : `Stands in for the release: ${standIn}`,
  };
  return json({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: reference,
    documentNamespace: `urn:uuid:${uuidOf(`${reference} ${digest}`)}`,
    creationInfo: { created: '1970-01-01T00:00:00Z', creators: ['Tool: tideline'] },
    packages: [image, ...parts],
    hasExtractedLicensingInfos: licencesNamedByDebian(parts.map(({ licenseDeclared }) => licenseDeclared)),
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: image.SPDXID },
      ...parts.map(({ SPDXID }) => ({ spdxElementId: image.SPDXID, relationshipType: 'CONTAINS', relatedSpdxElement: SPDXID })),
    ],
  });
}

/** @see https://github.com/package-url/purl-spec */
export function purl({ type, name, version }: PackageInside): string {
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `pkg:${type}/${type === 'deb' ? 'debian/' : ''}${path}@${encodeURIComponent(version)}`;
}

/** The modules in what `go version -m` prints of a program, and Go's own library. */
export function parseGoModules(text: string): PackageInside[] {
  const modules: PackageInside[] = [];
  const go = /: go(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1];
  if (go !== undefined) modules.push({ type: 'golang', name: 'stdlib', version: go });
  for (const line of text.split('\n')) {
    const [, word, name, version] = line.split('\t');
    if (!name || !version) continue;
    if (word === '=>') modules.pop(); // it says what is there instead of the module of the line before
    if (word === 'dep' || word === '=>') modules.push({ type: 'golang', name, version });
  }
  return modules;
}

/** SPDX expressions as they are; what is none is not claimed. */
function licence(text: string | undefined): string {
  const id = '[A-Za-z0-9][A-Za-z0-9.+-]*';
  return text !== undefined && new RegExp(`^\\(*${id}\\)*(?: (?:AND|OR|WITH) \\(*${id}\\)*)*$`).test(text) ? text : 'NOASSERTION';
}

/** SPDX wants the text of every licence that has no name in its list; Debian keeps it in the package. */
function licencesNamedByDebian(expressions: readonly string[]): object[] | undefined {
  const ids = [...new Set(expressions.flatMap((expression) => expression.match(/LicenseRef-[A-Za-z0-9.-]+/g) ?? []))].sort();
  if (ids.length === 0) return undefined;
  return ids.map((licenseId) => ({
    licenseId,
    name: licenseId.replace(/^LicenseRef-(?:Debian-)?/, ''),
    extractedText: 'What Debian calls by this name, in /usr/share/doc/<package>/copyright of the packages that declare it.',
  }));
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
