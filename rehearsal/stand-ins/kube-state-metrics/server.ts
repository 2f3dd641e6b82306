import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { FaultError } from '../../../base/faults';
import { stopOnSignals } from '../../../base/graceful-stop';
import { ApiServer } from './api-server';
import { Exposition } from './exposition';
import { readFlags } from './flags';
import { watchPods } from './pod-watch';
import { clusterSettings } from './settings';

/** What a path answers. */
type Page = () => Promise<string> | string;

const log = (message: string) => process.stderr.write(`${message}\n`);

async function listen(host: string, port: number, pages: Readonly<Record<string, Page>>): Promise<Server> {
  const server = createServer((request, response) => {
    const page = pages[(request.url ?? '').split('?')[0]!];
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    void (async () => {
      if (!page) response.statusCode = 404;
      response.end(page ? await page() : 'not found\n');
    })().catch((error: Error) => {
      response.statusCode = 503;
      response.end(`${error.message}\n`);
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/**
 * Stands in for kube-state-metrics where its image cannot be had: the same flags, ports, paths and series, of pods only and of the families that are read.
 */
async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2));
  const api = new ApiServer(clusterSettings());
  const exposition = new Exposition(flags.families, flags.podLabels);
  const stopping = new AbortController();
  const metrics = await listen(flags.host, flags.port, {
    '/metrics': () => exposition.page(),
    '/healthz': () => 'OK\n',
    '/livez': () => api.get('/livez'), // as upstream: whether it still reaches the API server
  });
  const telemetry = await listen(flags.telemetryHost, flags.telemetryPort, {
    '/metrics': () => `# HELP kube_state_metrics_pods Pods that are shown.\n# TYPE kube_state_metrics_pods gauge\nkube_state_metrics_pods ${exposition.size}\n`,
    '/readyz': () => {
      if (!exposition.complete) throw new Error('not every pod has been listed yet');
      return 'OK\n';
    },
  });
  const watching = watchPods(api, exposition, stopping.signal, (error) => log(`pods are listed anew: ${error.message}`));
  stopOnSignals(process, {
    log,
    stop: async () => {
      stopping.abort();
      for (const server of [metrics, telemetry]) {
        server.close();
        server.closeAllConnections();
      }
      await watching;
      api.close();
    },
  });
  log(`pods are shown on ${flags.host}:${flags.port}`);
}

main().catch((error: unknown) => {
  log(error instanceof FaultError ? error.message : String(error instanceof Error ? error.stack : error));
  process.exit(1);
});
