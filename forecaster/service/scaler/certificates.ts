import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type experimental } from '@grpc/grpc-js';
import { type Fault, FaultError } from '../../../base/faults';

interface Pems {
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
  readonly caCertificate: Buffer;
}

/** How mounted certificates are kept up to date. */
export interface MountedCertificatesOptions {
  /** Holds `tls.crt`, `tls.key` and `ca.crt`, as a mounted Secret of type kubernetes.io/tls does. Clients must be signed by `ca.crt`. */
  readonly folder: string;
  /** Milliseconds between two looks at the files. */
  readonly refreshMs: number;
  /** Told when renewed files cannot be used: the old ones stay in use. @default - nobody is told */
  readonly onError?: (error: unknown) => void;
}

/**
 * Certificates in files that are renewed in place. grpc-js has a provider of its own, but that one passes on whatever it finds: a certificate and a key that
 * do not fit, read in the middle of a renewal, would end the process.
 */
export class MountedCertificates implements experimental.CertificateProvider {
  private current: Pems;
  private timer: NodeJS.Timeout | undefined;
  private readonly caListeners = new Set<experimental.CaCertificateUpdateListener>();
  private readonly identityListeners = new Set<experimental.IdentityCertificateUpdateListener>();

  /** @throws FaultError naming every file that is missing, or what does not fit */
  constructor(private readonly options: MountedCertificatesOptions) {
    this.current = read(options.folder);
  }

  addCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.caListeners.add(listener);
    process.nextTick(() => listener(this.current));
    this.watch();
  }

  removeCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.caListeners.delete(listener);
    this.watch();
  }

  addIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.identityListeners.add(listener);
    process.nextTick(() => listener(this.current));
    this.watch();
  }

  removeIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.identityListeners.delete(listener);
    this.watch();
  }

  private watch(): void {
    const wanted = this.caListeners.size + this.identityListeners.size > 0;
    if (wanted) this.timer ??= setInterval(() => this.refresh(), this.options.refreshMs).unref();
    if (wanted) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private refresh(): void {
    try {
      const next = read(this.options.folder);
      if ((['certificate', 'privateKey', 'caCertificate'] as const).every((part) => next[part].equals(this.current[part]))) return;
      this.current = next;
      for (const listener of this.caListeners) listener(next);
      for (const listener of this.identityListeners) listener(next);
    } catch (error) {
      this.options.onError?.(error);
    }
  }
}

function read(folder: string): Pems {
  const faults: Fault[] = [];
  const [certificate, privateKey, caCertificate] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => {
    const file = join(folder, name);
    try {
      return readFileSync(file);
    } catch (error) {
      const got = (error as NodeJS.ErrnoException).code ?? 'an error';
      faults.push({ where: file, got, allowed: 'a PEM file that can be read', do: 'mount the certificate of the scaler, or set FORECASTER_SCALER_CERTIFICATES' });
      return Buffer.alloc(0);
    }
  }) as [Buffer, Buffer, Buffer];
  if (faults.length === 0) {
    try {
      createSecureContext({ cert: certificate, key: privateKey, ca: caCertificate });
      if (!caCertificate.includes('-----BEGIN ')) throw new Error('ca.crt holds no certificate'); // which OpenSSL takes for an empty list
    } catch (error) {
      faults.push({ where: folder, got: (error as Error).message, allowed: 'a certificate, its key and the authority of its clients', do: 'renew the three together' });
    }
  }
  if (faults.length > 0) throw new FaultError('the scaler has no usable certificate', faults);
  return { certificate, privateKey, caCertificate };
}
