import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault } from '../../base/faults';
import { errorBody } from '../../base/http';

/** Thrown by a route to answer with a status, a stable code and faults. */
export class HttpFault extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly faults: readonly Fault[] = [],
  ) {
    super(message);
    this.name = 'HttpFault';
  }
}

/** What Fastify itself finds wrong with a request, with the code we answer. Anything else it refuses is `bad_request`. */
const CODES: Readonly<Record<string, readonly [code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'the body is larger than this service accepts'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'the body must be application/json'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_request', 'the body is empty'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_request', 'the body is no JSON'],
  FST_ERR_HANDLER_TIMEOUT: ['timeout', 'the request took too long'],
};

/** Answers every failure with an {@link errorBody}; what happened inside is logged, never sent. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | HttpFault, request, reply) => {
    if (error instanceof HttpFault) return reply.code(error.status).send(errorBody(error.code, error.message, error.faults));
    if (error.validation) return reply.code(400).send(errorBody('invalid_request', 'the request does not fit the schema', validationFaults(error)));
    const status = error.statusCode ?? 500;
    const known = CODES[error.code];
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    if (known) return reply.code(status).send(errorBody(...known));
    if (status < 500) return reply.code(status).send(errorBody('bad_request', 'the request cannot be understood'));
    return reply.code(500).send(errorBody('internal', 'something went wrong here, not in the request'));
  });
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => reply.code(404).send(errorBody('not_found', 'there is nothing at this path', [{
    where: 'path', got: `${request.method} ${pathOf(request.url)}`, allowed: 'a path of this service', do: 'see its contract.ts and README',
  }])));
}

/** Path of an address without its query, at most 120 characters. */
export function pathOf(url: string): string {
  return (url.split('?')[0] ?? '').slice(0, 120);
}

function validationFaults(error: FastifyError): Fault[] {
  return (error.validation ?? []).map((each) => {
    const values = (each.params as { allowedValues?: unknown[] }).allowedValues;
    return {
      where: `${error.validationContext ?? 'request'}${each.instancePath.replaceAll('/', '.')}`,
      got: 'a value that does not fit', // the value is the caller's and may be a secret
      allowed: values ? values.join(', ') : (each.message ?? 'what the schema says'),
      do: 'correct it and send the request again',
    };
  });
}
