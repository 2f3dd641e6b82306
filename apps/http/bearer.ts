import type { onRequestAsyncHookHandler } from 'fastify';
import { bearerMatches, unauthorized } from '../../base/http';

/**
 * Hook that lets only callers with this bearer token through.
 *
 * @param token the token that is accepted
 * @param setting name of the setting it came from, for the refusal
 */
export function requireBearer(token: string, setting: string): onRequestAsyncHookHandler {
  const refusal = unauthorized(setting);
  return async (request, reply) => {
    if (!bearerMatches(request.headers.authorization, token)) return reply.code(401).headers(refusal.headers).send(refusal.body);
    return undefined;
  };
}
