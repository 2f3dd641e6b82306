import { experimental, logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import { FaultError } from '../../../base/faults';
import type { ForecasterSettings } from '../settings';
import { scalerCalls, type CallsOptions } from './calls';
import { MountedCertificates } from './certificates';
import { externalScalerService } from './interface';
import { Watchers } from './watchers';

setLogVerbosity(logVerbosity.NONE); // it writes to stderr in a form of its own; whatever matters is thrown or told to `onError`

/** What the scaler is made of. */
export interface ScalerServerOptions extends Omit<CallsOptions, 'watchers' | 'defaults'> {
  readonly settings: Pick<ForecasterSettings, 'host' | 'scaler' | 'scalerPort' | 'scalerCertificates' | 'demandQuantile' | 'leadTimeSeconds'>;
  /** Milliseconds between two messages of a stream that has nothing new to say. @default 15000 */
  readonly streamIntervalMs?: number;
  /** Milliseconds between two looks for renewed certificates. @default 60000 */
  readonly certificateRefreshMs?: number;
  /** Streams this replica holds at most. @default 2048 */
  readonly mostStreams?: number;
}

/** A request is some hundred bytes; whatever is much larger was not sent by KEDA. */
const LARGEST_MESSAGE_BYTES = 64 * 1024;
/** Calls under way on one connection. KEDA has one per address; each of its push triggers holds two streams open. */
const CONCURRENT_CALLS = 4096 + 256;
/** How long calls under way have when the service stops, milliseconds. */
const STOP_GRACE_MS = 2000;

/** KEDA's external scaler, on a port of its own. */
export class ScalerServer {
  private readonly server: Server;
  private readonly watchers: Watchers;
  private bound: number | undefined;

  constructor(private readonly options: ScalerServerOptions) {
    const { settings, source, onCall, onError, streamIntervalMs = 15_000, mostStreams = 2048 } = options;
    this.watchers = new Watchers({ intervalMs: streamIntervalMs, most: mostStreams });
    this.server = new Server({
      'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
      'grpc.max_send_message_length': LARGEST_MESSAGE_BYTES,
      'grpc.max_concurrent_streams': CONCURRENT_CALLS,
      // A client that is gone without a word holds nothing for longer than this.
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 10_000,
    });
    const defaults = { quantile: settings.demandQuantile, leadTimeSeconds: settings.leadTimeSeconds };
    this.server.addService(externalScalerService, scalerCalls({ source, watchers: this.watchers, defaults, onCall, onError }));
  }

  /** The port it listens on; undefined before it does. */
  get port(): number | undefined {
    return this.bound;
  }

  /**
   * Listens.
   *
   * @throws FaultError when a certificate cannot be read or the port is taken
   */
  async listen(): Promise<void> {
    const { host, scalerPort } = this.options.settings;
    const credentials = this.credentials();
    this.bound = await new Promise<number>((done, fail) => {
      this.server.bindAsync(`${host.includes(':') ? `[${host}]` : host}:${scalerPort}`, credentials, (error, port) => {
        if (!error) return done(port);
        return fail(new FaultError('the scaler cannot listen', [{ where: `port ${scalerPort}`, got: error.message, allowed: 'a port that nobody else has', do: 'set FORECASTER_SCALER_PORT, or end the other program' }]));
      });
    });
  }

  /** Tells open streams what has changed; to be called after every refresh. */
  changed(): void {
    this.watchers.changed();
  }

  /** Ends streams, lets calls under way finish and stops listening. */
  async stop(): Promise<void> {
    this.watchers.end();
    await new Promise<void>((done) => {
      const late = setTimeout(() => {
        this.server.forceShutdown();
        done();
      }, STOP_GRACE_MS);
      this.server.tryShutdown(() => {
        clearTimeout(late);
        done();
      });
    });
  }

  private credentials(): ServerCredentials {
    const { scaler, scalerCertificates: folder } = this.options.settings;
    if (scaler !== 'mutual-tls') return ServerCredentials.createInsecure();
    const provider = new MountedCertificates({ folder, refreshMs: this.options.certificateRefreshMs ?? 60_000, onError: this.options.onError });
    return experimental.createCertificateProviderServerCredentials(provider, provider, true);
  }
}
