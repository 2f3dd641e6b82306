import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file';
import type { Environment } from '../../config';
import { forecasterMetrics } from '../../forecaster/contract';
import { Authority } from '../control-plane/authority';
import { freePorts } from '../control-plane/ports';
import type { SeriesStore } from '../plant/recording-rules';

/** What the forecaster's scaler and KEDA know each other by, for one run. */
export interface ScalerIdentity {
  readonly port: number;
  /** `host:port` as KEDA calls it. */
  readonly address: string;
  /** Holds tls.crt, tls.key and ca.crt of the scaler. */
  readonly folder: string;
  /** KEDA's side, by the keys of its Secret. */
  readonly client: Readonly<Record<string, string>>;
  /** Removes the keys from the disk. */
  remove(): void;
}

/** Whether an environment has KEDA ask the forecaster itself. */
export function asksForecaster({ scaling }: Environment): boolean {
  return scaling.mode === 'predictive' && scaling.demandSource === 'external';
}

/** Makes an authority, a certificate for each side and a port. */
export async function scalerIdentity(folder: string): Promise<ScalerIdentity> {
  const authority = await Authority.create('tideline rehearsal scaler');
  const [server, client] = await Promise.all([authority.issue({ commonName: 'forecaster', names: ['127.0.0.1'] }), authority.issue({ commonName: 'keda-operator' })]);
  const files = { 'tls.crt': server.certPem, 'tls.key': server.keyPem, 'ca.crt': authority.certPem };
  for (const [name, content] of Object.entries(files)) writeFileAtomic(join(folder, name), content, 0o600);
  const [port] = await freePorts(1) as [number];
  return {
    port,
    address: `127.0.0.1:${port}`,
    folder,
    client: { 'tls.crt': client.certPem, 'tls.key': client.keyPem, 'ca.crt': authority.certPem },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Calls that the scaler has counted during a replay, by method and code as `GetMetrics OK`; as they were scraped, because the forecaster may have been ended.
 *
 * @param from trace time of the first minute
 */
export function scalerCalls(series: Pick<SeriesStore, 'range'>, from: number, minutes: number): Readonly<Record<string, number>> {
  const times = Array.from({ length: minutes + 1 }, (_, minute) => from + minute * 60);
  return Object.fromEntries(series.range(forecasterMetrics.scalerCalls, {}, times).map(({ labels, values }) => [
    `${labels.method} ${labels.code}`, Math.max(0, ...values.filter((value) => value !== null)),
  ]));
}
