import { FaultError, show } from '../../base/faults';

const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50,
};

/**
 * A Kubernetes quantity in its base unit: cores or bytes.
 *
 * @param where what the quantity is of, for the message
 * @throws FaultError for what is no quantity: what cannot be read must not be priced as nothing
 */
export function amount(quantity: unknown, where: string): number {
  const match = typeof quantity === 'string' || typeof quantity === 'number' ? /^(\d+(?:\.\d*)?|\.\d+)([numkMGTP]|[KMGTP]i|)$/.exec(String(quantity)) : null;
  if (match) return match[2] === 'm' ? Number(match[1]) / 1000 : Number(match[1]) * UNITS[match[2] as string]!;
  throw new FaultError('a workload cannot be priced', [
    { where, got: typeof quantity === 'string' ? quantity : show(quantity), allowed: 'a quantity such as 500m or 256Mi', do: 'write the request in one of the usual units' },
  ]);
}

/**
 * A whole number of replicas.
 *
 * @param fallback where nothing is said
 * @throws FaultError for what is no whole number from 0
 */
export function replicaCount(value: unknown, fallback: number, where: string): number {
  if (value === undefined || value === null) return fallback;
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw new FaultError('a workload cannot be priced', [{ where, got: show(value), allowed: 'a whole number from 0', do: 'write the number of replicas' }]);
}
