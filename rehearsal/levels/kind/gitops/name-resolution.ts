import { FaultError } from '../../../../base/faults';
import type { KubeApi, KubeObject } from '../../../control-plane';
import { waitForWorkloads } from './install';

const COREDNS = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'kube-system', name: 'coredns' } as const;
const COREFILE = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' } as const;
const BEGIN = '    # what a rehearsal answers for itself';
const END = '    # end of it';

/**
 * A Corefile that answers for hosts with one address, before anything else is asked. Applied again, it replaces what it put there.
 *
 * @throws FaultError when the file has no zone for all names to put it in
 */
export function withHosts(corefile: string, hosts: readonly string[], address: string): string {
  const lines = corefile.split('\n');
  const own = lines.indexOf(BEGIN);
  const cleaned = own === -1 ? lines : [...lines.slice(0, own), ...lines.slice(lines.indexOf(END, own) + 1)];
  const zone = cleaned.findIndex((line) => /^\.(:53)?\s*\{\s*$/.test(line));
  if (zone === -1) {
    throw new FaultError('the cluster cannot be told where its Git server is', [
      { where: 'ConfigMap kube-system/coredns, Corefile', got: 'no zone `.:53`', allowed: 'a Corefile as kubeadm writes it', do: 'do not change the Corefile before the rehearsal' },
    ]);
  }
  const block = [BEGIN, '    hosts {', ...hosts.map((host) => `        ${address} ${host}`), '        fallthrough', '    }', END];
  return [...cleaned.slice(0, zone + 1), ...block, ...cleaned.slice(zone + 1)].join('\n');
}

/** Makes names of hosts mean an address in the whole cluster, and waits until CoreDNS says so. */
export async function resolveHosts(api: KubeApi, hosts: readonly string[], address: string, signal?: AbortSignal): Promise<void> {
  const config = await api.get<KubeObject>(COREFILE);
  const before = String(config.data?.Corefile ?? '');
  const after = withHosts(before, hosts, address);
  if (after === before) return;
  await api.patch(COREFILE, { data: { Corefile: after } });
  // Restarted, because the file would reach its pods only after a minute or so.
  await api.patch(COREDNS, { spec: { template: { metadata: { annotations: { 'tideline.dev/hosts': `${address} ${hosts.join(' ')}` } } } } });
  await waitForWorkloads(api, [COREDNS], { what: 'CoreDNS, which has to answer for the Git server,', timeoutSeconds: 120, ...(signal ? { signal } : {}) });
}
