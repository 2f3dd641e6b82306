/** Debian's short names for licences that SPDX calls otherwise. */
const SPDX: Readonly<Record<string, string>> = {
  'agpl-3': 'AGPL-3.0-only',
  'agpl-3+': 'AGPL-3.0-or-later',
  'apache-2': 'Apache-2.0',
  'apache-2.0': 'Apache-2.0',
  artistic: 'Artistic-1.0-Perl',
  'artistic-2': 'Artistic-2.0',
  'artistic-2.0': 'Artistic-2.0',
  'bsd-2-clause': 'BSD-2-Clause',
  'bsd-3-clause': 'BSD-3-Clause',
  'bsd-4-clause': 'BSD-4-Clause',
  'bsl-1.0': 'BSL-1.0',
  cc0: 'CC0-1.0',
  'cc0-1.0': 'CC0-1.0',
  expat: 'MIT',
  mit: 'MIT',
  'gpl-1': 'GPL-1.0-only',
  'gpl-1+': 'GPL-1.0-or-later',
  'gpl-2': 'GPL-2.0-only',
  'gpl-2+': 'GPL-2.0-or-later',
  'gpl-3': 'GPL-3.0-only',
  'gpl-3+': 'GPL-3.0-or-later',
  isc: 'ISC',
  'lgpl-2': 'LGPL-2.0-only',
  'lgpl-2+': 'LGPL-2.0-or-later',
  'lgpl-2.1': 'LGPL-2.1-only',
  'lgpl-2.1+': 'LGPL-2.1-or-later',
  'lgpl-3': 'LGPL-3.0-only',
  'lgpl-3+': 'LGPL-3.0-or-later',
  'mpl-1.1': 'MPL-1.1',
  'mpl-2.0': 'MPL-2.0',
  openssl: 'OpenSSL',
  postgresql: 'PostgreSQL',
  zlib: 'Zlib',
};

/**
 * The licences that a Debian copyright file names, as an SPDX expression. One that SPDX has no name for becomes `LicenseRef-Debian-<its name>`: its text is in that file.
 *
 * @returns undefined when the file is not in the machine-readable format (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/) or names none
 */
export function licenceOf(copyright: string): string | undefined {
  if (!/^Format(-Specification)?:\s*\S+/im.test(copyright.slice(0, 500))) return undefined;
  const terms = new Set<string>();
  for (const [, field] of copyright.matchAll(/^License:[ \t]*(\S.*)$/gim)) {
    // `GPL-2+ or Artistic`, `Expat, and BSD-3-clause`. Exceptions are not told apart from their licence.
    for (const term of field!.split(/,?\s+and\s+|,\s*(?!or\s|and\/or\s)|\s*[|/](?!or\s)\s*/i)) {
      const choice = [...new Set(term.split(/,?\s+(?:and\/)?or\s+/i).flatMap((name) => identifier(name.trim()) ?? []))].sort();
      if (choice.length > 0) terms.add(choice.length === 1 ? choice[0]! : `(${choice.join(' OR ')})`);
    }
  }
  return terms.size === 0 ? undefined : [...terms].sort().join(' AND ');
}

function identifier(name: string): string | undefined {
  const known = SPDX[name.toLowerCase().replace(/\.0(\+?)$/, '$1')] ?? SPDX[name.toLowerCase()];
  if (known !== undefined) return known;
  const reference = name.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^-+|-+$/g, '');
  return reference === '' ? undefined : `LicenseRef-Debian-${reference}`;
}
