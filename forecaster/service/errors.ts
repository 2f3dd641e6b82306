import type { FastifyError, FastifyInstance } from 'fastify';
import type { Socket } from 'node:net';
import { errorBody, type ErrorBody } from '../../base/http';

/** The answer to what is no request that could be read. */
export function notUnderstood(): ErrorBody {
  return errorBody('bad_request', 'the request cannot be understood');
}

/** Codes of refusals that come before any route is asked. */
const REFUSED: Readonly<Record<number, readonly [code: string, message: string]>> = {
  408: ['too_slow', 'the request took too long to arrive'],
  413: ['too_large', 'the body is too large'],
  415: ['unsupported_media_type', 'the body must be JSON'],
  431: ['too_large', 'the header is too large'],
};

/** Answers what the HTTP parser refuses, in the same form as everything else. */
export function malformedRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const reason = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' }[status];
  const body = JSON.stringify(REFUSED[status] ? errorBody(...REFUSED[status]) : notUnderstood());
  socket.end(`HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}

/** One body for every refusal: of validation, of unknown addresses and methods, of bodies, and of faults of our own. Call it before routes are registered. */
export function answerErrors(app: FastifyInstance): void {
  const addresses = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = addresses.get(url) ?? { pattern: new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`), methods: new Set() };
    for (const each of [method].flat()) known.methods.add(each);
    addresses.set(url, known);
  });

  app.setErrorHandler((error: FastifyError, _request, reply) => {
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
    if (status < 500) return reply.code(status).send(REFUSED[status] ? errorBody(...REFUSED[status]) : notUnderstood());
    app.log.error({ err: error }, 'a request failed');
    return reply.code(500).send(errorBody('internal', 'the request failed for a reason of our own'));
  });

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const known = [...addresses.values()].find(({ pattern }) => pattern.test(path));
    if (known) {
      const allow = [...known.methods].sort().join(', ');
      return reply.code(405).header('allow', allow).send(errorBody('method_not_allowed', 'this address does not answer this method', [
        { where: 'method', got: request.method, allowed: allow, do: 'use one of these' },
      ]));
    }
    return reply.code(404).send(errorBody('not_found', 'there is nothing at this address', [
      { where: 'path', got: path.slice(0, 100), allowed: [...addresses.keys()].join(', '), do: 'ask for one of these' },
    ]));
  });
}

/** A body may be wrong in thousands of places; some are enough. */
const MOST_FAULTS = 20;
