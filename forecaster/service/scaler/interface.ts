import { loadPackageDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

/*
 * The interface of KEDA's external scalers, as KEDA 2.21 publishes it in pkg/scalers/externalscaler/externalscaler.proto
 * (Copyright The KEDA Authors, Apache License 2.0, https://github.com/kedacore/keda), written as a descriptor: a .proto file would have to be found
 * at run time, and a bundle has none beside it. Names and numbers must stay as they are; they are what goes over the wire.
 */
const DESCRIPTOR = {
  nested: {
    externalscaler: {
      nested: {
        ExternalScaler: {
          methods: {
            IsActive: { requestType: 'ScaledObjectRef', responseType: 'IsActiveResponse' },
            StreamIsActive: { requestType: 'ScaledObjectRef', responseType: 'IsActiveResponse', responseStream: true },
            GetMetricSpec: { requestType: 'ScaledObjectRef', responseType: 'GetMetricSpecResponse' },
            GetMetrics: { requestType: 'GetMetricsRequest', responseType: 'GetMetricsResponse' },
            StreamMetricSpec: { requestType: 'ScaledObjectRef', responseType: 'GetMetricSpecResponse', responseStream: true },
          },
        },
        ScaledObjectRef: {
          fields: { name: { type: 'string', id: 1 }, namespace: { type: 'string', id: 2 }, scalerMetadata: { keyType: 'string', type: 'string', id: 3 } },
        },
        IsActiveResponse: { fields: { result: { type: 'bool', id: 1 } } },
        GetMetricSpecResponse: { fields: { metricSpecs: { rule: 'repeated', type: 'MetricSpec', id: 1 } } },
        MetricSpec: { fields: { metricName: { type: 'string', id: 1 }, targetSize: { type: 'int64', id: 2 }, targetSizeFloat: { type: 'double', id: 3 } } },
        GetMetricsRequest: { fields: { scaledObjectRef: { type: 'ScaledObjectRef', id: 1 }, metricName: { type: 'string', id: 2 } } },
        GetMetricsResponse: { fields: { metricValues: { rule: 'repeated', type: 'MetricValue', id: 1 } } },
        MetricValue: { fields: { metricName: { type: 'string', id: 1 }, metricValue: { type: 'int64', id: 2 }, metricValueFloat: { type: 'double', id: 3 } } },
      },
    },
  },
};

/** What KEDA says of the object it scales. Fields that were not sent are empty. */
export interface ScaledObjectRef {
  readonly name: string;
  readonly namespace: string;
  /** The trigger's metadata, all of it. */
  readonly scalerMetadata: Readonly<Record<string, string>>;
}

export interface IsActiveResponse {
  readonly result: boolean;
}

export interface MetricSpec {
  readonly metricName: string;
  /** Target in whole numbers, for a KEDA that does not know the other one. */
  readonly targetSize: number;
  readonly targetSizeFloat: number;
}

export interface GetMetricSpecResponse {
  readonly metricSpecs: readonly MetricSpec[];
}

export interface GetMetricsRequest {
  readonly scaledObjectRef: ScaledObjectRef | null;
  readonly metricName: string;
}

export interface MetricValue {
  readonly metricName: string;
  /** Value in whole numbers, for a KEDA that does not know the other one. */
  readonly metricValue: number;
  readonly metricValueFloat: number;
}

export interface GetMetricsResponse {
  readonly metricValues: readonly MetricValue[];
}

// The types of descriptors know neither maps nor methods without a comment.
const descriptor = DESCRIPTOR as unknown as Parameters<typeof fromJSON>[0];
const definition = loadPackageDefinition(fromJSON(descriptor, { keepCase: true, longs: Number, defaults: true, arrays: true, objects: true }));

/** The service as grpc-js registers and calls it; its name on the wire is `externalscaler.ExternalScaler`. */
export const externalScalerService = (definition.externalscaler as unknown as { ExternalScaler: { service: ServiceDefinition } }).ExternalScaler.service;
