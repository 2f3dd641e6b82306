import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { errorBody, type ErrorBody } from '../../base/http';

/** The answer to what is no request that could be read. */
export function notUnderstood(): ErrorBody {
  return errorBody('bad_request', 'the request cannot be understood');
}

/** Codes of refusals that come before any route is asked. */
const REFUSED: Readonly<Record<number, readonly [code: string, message: string]>> = {
  '405': ['method_not_allowed', 'this service does not know this method'],
  '408': ['too_slow', 'the request took too long to arrive'],
  '413': ['too_large', 'the body is too large'],
  '415': ['unsupported_media_type', 'the body must be JSON'],
  '431': ['too_large', 'the header is too large'],
};

/** What the HTTP parser refuses, by its code; all else is 400. */
const UNREADABLE: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_INVALID_METHOD: [405, 'Method Not Allowed'], // one that is newer than the parser
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
};

/** Answers what the HTTP parser refuses, in the same form as everything else. */
export function malformedRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, reason] = UNREADABLE[error.code ?? ''] ?? [400, 'Bad Request'];
  const allow = status === 405 ? 'allow: GET, HEAD, POST\r\n' : '';
  const body = JSON.stringify(REFUSED[status] ? errorBody(...REFUSED[status]) : notUnderstood());
  socket.end(`HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json; charset=utf-8\r\n${allow}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}

/** One body for every refusal: of validation, of unknown addresses and methods, of bodies, and of faults of our own. Call it before routes are registered. */
export function answerErrors(app: FastifyInstance): void {
  const addresses = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = addresses.get(url) ?? { pattern: new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`), methods: new Set() };
    for (const each of [method].flat()) known.methods.add(each);
    addresses.set(url, known);
  });

  /** Answers 405 if the address is there and does not know the method. */
  const refuseMethod = (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?', 1)[0]!;
    const known = [...addresses.values()].find(({ pattern }) => pattern.test(path));
    if (!known || known.methods.has(request.method)) return undefined;
    const allow = [...known.methods].sort().join(', ');
    return reply.code(405).header('allow', allow).send(errorBody('method_not_allowed', 'this address does not answer this method', [
      { where: 'method', got: request.method, allowed: allow, do: 'use one of these' },
    ]));
  };

  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error.validation) {
      const faults = error.validation.slice(0, MOST_FAULTS).map(({ instancePath, message, params }) => ({
        where: `${error.validationContext ?? 'request'}${instancePath.replaceAll('/', ' ')}`.slice(0, 200),
        got: 'a value that is not accepted',
        allowed: `${message ?? 'what the schema says'}${params && 'allowedValue' in params ? ` ${String(params.allowedValue)}` : ''}`,
        do: 'correct the request',
      }));
      return reply.code(400).send(errorBody('bad_request', 'the request cannot be understood', faults));
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return refuseMethod(request, reply) ?? reply.code(status).send(REFUSED[status] ? errorBody(...REFUSED[status]) : notUnderstood());
    app.log.error({ err: error }, 'a request failed');
    return reply.code(500).send(errorBody('internal', 'the request failed for a reason of our own'));
  });

  app.setNotFoundHandler((request, reply) => {
    return refuseMethod(request, reply) ?? reply.code(404).send(errorBody('not_found', 'there is nothing at this address', [
      { where: 'path', got: request.url.split('?', 1)[0]!.slice(0, 100), allowed: [...addresses.keys()].join(', '), do: 'ask for one of these' },
    ]));
  });
}

/** A body may be wrong in thousands of places; some are enough. */
const MOST_FAULTS = 20;
