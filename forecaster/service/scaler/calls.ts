import { type handleServerStreamingCall, type handleUnaryCall, type ServiceError, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { type Fault, FaultError, show } from '../../../base/faults';
import type { DemandSource } from './demand-source';
import type { GetMetricSpecResponse, GetMetricsRequest, GetMetricsResponse, IsActiveResponse, ScaledObjectRef } from './interface';
import { readTrigger, type Trigger } from './trigger';
import type { Watchers } from './watchers';

/** What the calls are answered from. */
export interface CallsOptions {
  readonly source: DemandSource;
  readonly watchers: Watchers;
  /** What applies where a trigger says nothing. */
  readonly defaults: { readonly quantile: number; readonly leadTimeSeconds: number };
  /** Told of every call and the name of its gRPC status. @default - nobody is told */
  readonly onCall?: (method: string, code: string) => void;
  /** Told of a call that failed for a reason of our own. @default - nobody is told */
  readonly onError?: (error: unknown) => void;
}

/** A failed call, with the code that KEDA sees. */
class CallError extends Error {
  constructor(readonly code: status, message: string) {
    super(message);
  }
}

/** The largest whole number that goes over the wire without loss. */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * The five calls of KEDA's external scalers.
 *
 * - `GetMetricSpec` needs only the trigger's metadata: KEDA leaves a metric out of the autoscaler if it cannot be asked, so it must be answered always.
 * - `GetMetrics` gives demand, or fails: INVALID_ARGUMENT (the trigger), NOT_FOUND (no such series), UNAVAILABLE (old, not trusted). Never a low number.
 * - `IsActive` says no only if the service is surely idle; where nothing is known it says yes, because switching off is the greater harm.
 */
export function scalerCalls({ source, watchers, defaults, onCall = () => undefined, onError = () => undefined }: CallsOptions): UntypedServiceImplementation {
  const failure = (method: string, error: unknown): Partial<ServiceError> => {
    const code = error instanceof CallError ? error.code : error instanceof FaultError ? status.INVALID_ARGUMENT : status.INTERNAL;
    if (code === status.INTERNAL) onError(error);
    onCall(method, status[code]);
    return { code, details: code === status.INTERNAL ? 'the call failed for a reason of our own' : (error as Error).message };
  };
  const unary = <Request, Response>(method: string, answer: (request: Request) => Response): handleUnaryCall<Request, Response> => (call, callback) => {
    try {
      const response = answer(call.request);
      onCall(method, 'OK');
      callback(null, response);
    } catch (error) {
      callback(failure(method, error));
    }
  };
  const stream = <Response>(method: string, prepare: (request: ScaledObjectRef) => () => Response): handleServerStreamingCall<ScaledObjectRef, Response> => (call) => {
    try {
      const read = prepare(call.request);
      if (!watchers.add(call, read)) throw new CallError(status.RESOURCE_EXHAUSTED, `as many streams as this replica holds are open (${watchers.size}); ask again later`);
      onCall(method, 'OK');
    } catch (error) {
      call.emit('error', failure(method, error));
    }
  };
  const triggerOf = (ref: ScaledObjectRef | null): Trigger => readTrigger(ref, defaults);
  const active = (trigger: Trigger): IsActiveResponse => ({ result: !source.surelyIdle(trigger) });

  return {
    IsActive: unary<ScaledObjectRef, IsActiveResponse>('IsActive', (ref) => active(triggerOf(ref))),
    StreamIsActive: stream<IsActiveResponse>('StreamIsActive', (ref) => {
      const trigger = triggerOf(ref);
      return () => active(trigger);
    }),
    GetMetricSpec: unary<ScaledObjectRef, GetMetricSpecResponse>('GetMetricSpec', (ref) => specOf(triggerOf(ref))),
    // The spec cannot change while a stream is open, but a KEDA that lost it while this service was away gets it back as soon as it has connected again.
    StreamMetricSpec: stream<GetMetricSpecResponse>('StreamMetricSpec', (ref) => {
      const spec = specOf(triggerOf(ref));
      return () => spec;
    }),
    GetMetrics: unary<GetMetricsRequest, GetMetricsResponse>('GetMetrics', ({ scaledObjectRef, metricName }) => {
      const trigger = triggerOf(scaledObjectRef);
      if (metricName !== trigger.metricName) {
        const fault: Fault = { where: 'metricName', got: show(metricName.slice(0, 80)), allowed: trigger.metricName, do: 'ask for what GetMetricSpec names' };
        throw new FaultError('there is no such metric', [fault]);
      }
      const answer = source.demand(trigger);
      if ('missing' in answer) throw new CallError(answer.missing === 'unknown' ? status.NOT_FOUND : status.UNAVAILABLE, new FaultError('there is no demand to scale on', [answer.fault]).message);
      const { value } = answer;
      return { metricValues: [{ metricName, metricValue: Math.min(Math.ceil(value), MOST), metricValueFloat: value }] };
    }),
  };
}

function specOf({ metricName, target }: Trigger): GetMetricSpecResponse {
  return { metricSpecs: [{ metricName, targetSize: Math.min(Math.max(1, Math.floor(target)), MOST), targetSizeFloat: target }] };
}
