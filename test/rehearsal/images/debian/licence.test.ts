import { expect, test } from 'vitest';
import { licenceOf } from '../../../../rehearsal/images/debian/licence';

const FORMAT = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';

test('what is not machine-readable names no licence', () => {
  expect(licenceOf('This package was debianized by somebody.\nLicense: GPL-2\n')).toBeUndefined();
  expect(licenceOf(`${FORMAT}\nFiles: *\nCopyright: somebody\n`)).toBeUndefined();
});

test('each licence once, by its SPDX name', () => {
  const text = `${FORMAT}\nFiles: *\nCopyright: a\nLicense: GPL-2+\n text\n\nFiles: b\nLicense: Expat\n\nLicense: GPL-2+\n the text of it\n`;
  expect(licenceOf(text)).toBe('GPL-2.0-or-later AND MIT');
});

test.each([
  ['GPL-2+ or Artistic', '(Artistic-1.0-Perl OR GPL-2.0-or-later)'],
  ['Expat or GPL-2+, and ISC', '(GPL-2.0-or-later OR MIT) AND ISC'],
  ['BSD-3-clause, and Expat', 'BSD-3-Clause AND MIT'],
  ['LGPL-2.1+ and/or Zlib', '(LGPL-2.1-or-later OR Zlib)'],
  ['Expat, ISC', 'ISC AND MIT'],
  ['GPL-3.0+', 'GPL-3.0-or-later'],
  ['public-domain', 'LicenseRef-Debian-public-domain'],
  ['GPL-2+ with OpenSSL exception', 'LicenseRef-Debian-GPL-2-with-OpenSSL-exception'],
])('%s is %s', (name, expected) => {
  expect(licenceOf(`${FORMAT}\nFiles: *\nLicense: ${name}\n`)).toBe(expected);
});
