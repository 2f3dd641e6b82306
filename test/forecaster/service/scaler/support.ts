import { type ChannelCredentials, Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { createForecaster } from '../../../../forecaster/engine';
import { demandSource, type DemandSourceOptions } from '../../../../forecaster/service/scaler/demand-source';
import { externalScalerService, type GetMetricSpecResponse, type GetMetricsResponse, type IsActiveResponse, type ScaledObjectRef } from '../../../../forecaster/service/scaler/interface';
import { ScalerServer, type ScalerServerOptions } from '../../../../forecaster/service/scaler/scaler-server';
import type { Entry } from '../../../../forecaster/service/store';

/** A series of one service that ends at `now`, in steps of a minute. */
export interface World {
  now: number | undefined;
  silentSeconds: number;
  ready: boolean;
  readonly entries: Map<string, Entry>;
}

export const START = 20 * 86_400;

export function world(): World {
  return { now: START, silentSeconds: 1, ready: true, entries: new Map() };
}

/** Gives the world a series with the values of the last minutes. */
export function teach(target: World, key: { namespace: string; service: string; metric: 'requests' | 'memory' | 'latency' }, values: readonly number[]): Entry {
  const forecaster = createForecaster({ stepSeconds: 60 });
  values.forEach((value, index) => forecaster.observe(START - (values.length - index) * 60, value));
  const entry = { ...key, forecaster, askedUntil: START, lastValue: values.at(-1) } as unknown as Entry;
  target.entries.set(`${key.namespace}/${key.service}/${key.metric}`, entry);
  return entry;
}

export function sourceOf(target: World, more: Pick<DemandSourceOptions, 'mayScale' | 'shard'> = {}) {
  return demandSource({
    store: { get now() { return target.now; }, find: ({ namespace, service, metric }) => target.entries.get(`${namespace}/${service}/${metric}`) },
    refresher: { get ready() { return target.ready; }, get silentSeconds() { return target.silentSeconds; } },
    settings: { intervalSeconds: 60, staleAfterSeconds: 300 },
    ...more,
  });
}

export const SETTINGS = { host: '127.0.0.1', scaler: 'plaintext', scalerPort: 0, scalerCertificates: '/nowhere', demandQuantile: 0.9, leadTimeSeconds: 300 } as const;

/** A server that listens, and how to end it. */
export async function serve(options: Partial<ScalerServerOptions> & Pick<ScalerServerOptions, 'source'>): Promise<ScalerServer> {
  const server = new ScalerServer({ settings: SETTINGS, ...options });
  await server.listen();
  return server;
}

export const REF: ScaledObjectRef = { name: 'catalog', namespace: 'shop', scalerMetadata: { scalerAddress: 'forecaster:8082', target: '10' } };
export const withMetadata = (metadata: Record<string, string>): ScaledObjectRef => ({ ...REF, scalerMetadata: { ...REF.scalerMetadata, ...metadata } });

type Answers = { IsActive: IsActiveResponse; GetMetricSpec: GetMetricSpecResponse; GetMetrics: GetMetricsResponse };

/** What KEDA is to the scaler: a gRPC client that knows the interface. */
export class KedaClient {
  readonly client: Client;

  constructor(port: number, channel: ChannelCredentials = credentials.createInsecure(), options: object = {}) {
    this.client = new Client(`127.0.0.1:${port}`, channel, { 'grpc.max_reconnect_backoff_ms': 200, 'grpc.initial_reconnect_backoff_ms': 100, ...options });
  }

  call<M extends keyof Answers>(method: M, request: unknown): Promise<Answers[M]> {
    const { path, requestSerialize, responseDeserialize } = externalScalerService[method]!;
    return new Promise((done, fail) => {
      this.client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline: Date.now() + 10_000 }, (error, answer) => {
        if (error) fail(error);
        else done(answer as Answers[M]);
      });
    });
  }

  demand(ref: ScaledObjectRef = REF, metricName = 'tideline-demand-requests'): Promise<GetMetricsResponse> {
    return this.call('GetMetrics', { scaledObjectRef: ref, metricName });
  }

  /** Opens a stream; messages are collected, `ended` resolves with undefined on a clean end and with the error otherwise. */
  watch<T>(method: 'StreamIsActive' | 'StreamMetricSpec', request: unknown): { readonly messages: T[]; readonly ended: Promise<ServiceError | undefined>; cancel(): void; count(wanted: number): Promise<void> } {
    const { path, requestSerialize, responseDeserialize } = externalScalerService[method]!;
    const stream = this.client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    const messages: T[] = [];
    const waiting: { wanted: number; done: () => void }[] = [];
    stream.on('data', (message: T) => {
      messages.push(message);
      for (const each of waiting) if (messages.length >= each.wanted) each.done();
    });
    let failure: ServiceError | undefined;
    stream.on('error', (error: ServiceError) => { failure = error; });
    const ended = new Promise<ServiceError | undefined>((done) => stream.on('status', ({ code }) => setImmediate(() => done(code === status.OK ? undefined : failure))));
    return {
      messages, ended, cancel: () => stream.cancel(),
      count: (wanted) => new Promise((done) => (messages.length >= wanted ? done() : waiting.push({ wanted, done }))),
    };
  }

  close(): void {
    this.client.close();
  }
}

/** Code and message of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<{ code: string; details: string }> {
  const error = await call.then(() => { throw new Error('the call succeeded'); }, (failed: ServiceError) => failed);
  if (error.code === undefined) throw error;
  return { code: status[error.code]!, details: error.details };
}
