import { expect, test } from 'vitest';
import { mirrorOf, UPSTREAM } from '../../../../rehearsal/images/debian/mirror';

test('without a configured mirror, Debian\'s own', () => {
  expect(mirrorOf('')).toEqual(UPSTREAM);
  expect(mirrorOf('http://archive.ubuntu.com/ubuntu/|noble|main|Ubuntu\n')).toEqual(UPSTREAM);
});

test('the mirror that this machine uses, and its security archive', () => {
  const targets = [
    'https://mirror.example/debian/|trixie|main|Debian',
    'https://mirror.example/debian/|trixie-updates|main|Debian',
    'https://mirror.example/debian-security/|trixie-security|main|Debian',
    'https://later.example/debian/|bookworm|main|Debian',
  ];
  expect(mirrorOf(targets.join('\n'))).toEqual({ archive: 'https://mirror.example/debian', security: 'https://mirror.example/debian-security' });
});

test('before any index was fetched there is no origin: then the address tells', () => {
  expect(mirrorOf('https://mirror.example/debian/|bookworm|main|')).toEqual({ ...UPSTREAM, archive: 'https://mirror.example/debian' });
  expect(mirrorOf('https://mirror.example/remote/|bookworm|main|Debian').archive).toBe('https://mirror.example/remote');
});

test.each([
  ['another publisher for the same release', 'https://download.example/linux/debian/|bookworm|stable|Docker'],
  ['a publisher whose component is main', 'https://apt.example/|bookworm|main|'],
  ['a release of its own name', 'https://apt.example/debian/|bookworm-cloud|restricted|Example'],
])('%s is no mirror', (_, target) => {
  expect(mirrorOf(target)).toEqual(UPSTREAM);
});
