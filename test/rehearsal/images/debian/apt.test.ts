import { expect, test } from 'vitest';
import { absentFor, parseUris } from '../../../../rehearsal/images/debian/apt';

test('reads what apt-get would fetch, in alphabetical order', () => {
  const text = [
    "'http://deb.debian.org/debian/pool/main/z/zlib/zlib1g_1.2.13.dfsg-1_amd64.deb' zlib1g_1%3a1.2.13.dfsg-1_amd64.deb 86684 SHA256:abc",
    "'http://deb.debian.org/debian/pool/main/g/gcc-12/gcc-12-base_12.2.0-14%2bdeb12u1_amd64.deb' gcc-12-base_12.2.0-14+deb12u1_amd64.deb 37596 MD5Sum:def",
    'Reading package lists...',
    '',
  ].join('\n');
  expect(parseUris(text)).toEqual([
    { name: 'gcc-12-base', version: '12.2.0-14+deb12u1', architecture: 'amd64', archive: 'gcc-12-base_12.2.0-14+deb12u1_amd64.deb' },
    { name: 'zlib1g', version: '1:1.2.13.dfsg-1', architecture: 'amd64', archive: 'zlib1g_1%3a1.2.13.dfsg-1_amd64.deb' },
  ]);
});

test('what only scripts call is left out unless it is asked for', () => {
  expect(absentFor(['git'], [])).toContain('perl');
  expect(absentFor(['git', 'perl'], [])).not.toContain('perl');
  expect(absentFor(['git'], ['libcurl4', 'perl'])).toEqual([...new Set([...absentFor(['git'], []), 'libcurl4'])].sort());
});
