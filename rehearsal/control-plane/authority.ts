import { generateKeyPairSync, webcrypto } from 'node:crypto';
import type { X509Certificate } from '@peculiar/x509';
import { isIP } from 'node:net';

/** A certificate and its private key, as PEM texts. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What a certificate is for. */
export interface Subject {
  /** The user for a client, any name for a server. */
  readonly commonName: string;
  /** The user's groups. @default - none */
  readonly groups?: readonly string[];
  /** Names and addresses a server is reached by. @default - none: a client only */
  readonly names?: readonly string[];
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** Loading it takes a third of a second, which runs without a control plane should not pay. */
const x509 = () => import('@peculiar/x509');

/** A certificate authority that lives as long as one rehearsal. Its key never leaves the memory of this process. */
export class Authority {
  private constructor(
    private readonly certificate: X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
    private readonly now: Date,
    /** The authority's own certificate. */
    readonly certPem: string,
  ) {}

  /** @param now certificates are valid from an hour before to thirty days after */
  static async create(commonName: string, now: Date = new Date()): Promise<Authority> {
    const { X509CertificateGenerator, BasicConstraintsExtension, KeyUsagesExtension, KeyUsageFlags, SubjectKeyIdentifierExtension } = await x509();
    const keys = await generateKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: `CN=${commonName}`,
      ...validity(now),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    }, webcrypto as never);
    return new Authority(certificate, keys, now, `${certificate.toString('pem')}\n`);
  }

  /** Issues a certificate that serves as a client's and, with names, as a server's. */
  async issue(subject: Subject): Promise<KeyPair> {
    const {
      AuthorityKeyIdentifierExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, SubjectAlternativeNameExtension, X509CertificateGenerator,
    } = await x509();
    const keys = await generateKeys();
    const names = subject.names ?? [];
    const certificate = await X509CertificateGenerator.create({
      subject: [...(subject.groups ?? []).map((group) => ({ O: [group] })), { CN: [subject.commonName] }],
      issuer: this.certificate.subject,
      ...validity(this.now),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth, ...(names.length > 0 ? [ExtendedKeyUsage.serverAuth] : [])]),
        await AuthorityKeyIdentifierExtension.create(this.keys.publicKey),
        ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' as const : 'dns' as const, value })))] : []),
      ],
    }, webcrypto as never);
    return { certPem: `${certificate.toString('pem')}\n`, keyPem: await privatePem(keys.privateKey) };
  }
}

/** A key pair for signing service account tokens. */
export function createSigningKeys(): { readonly publicPem: string; readonly privatePem: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicPem: publicKey, privatePem: privateKey };
}

function validity(now: Date): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - 3_600_000), notAfter: new Date(now.getTime() + 30 * DAY_MS) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const body = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN PRIVATE KEY-----\n${body.trimEnd()}\n-----END PRIVATE KEY-----\n`;
}
