import { createHash, timingSafeEqual } from 'node:crypto';
import type { Fault } from './faults';

/**
 * What every service of ours answers when a request cannot be served: a stable code for programs, a sentence and four-part faults for people.
 * The code is part of a service's interface and is never reused for something else.
 */
export interface ErrorBody {
  readonly error: {
    /** Stable and lower case with underscores, e.g. `unknown_environment`. */
    readonly code: string;
    /** One sentence, lower case, no full stop. */
    readonly message: string;
    /** @default - the sentence says it all */
    readonly faults?: readonly Fault[];
  };
}

/** The body of an error answer. Nothing of an internal error (stack, SQL, path) belongs in it. */
export function errorBody(code: string, message: string, faults: readonly Fault[] = []): ErrorBody {
  return { error: { code, message, ...(faults.length > 0 ? { faults } : {}) } };
}

/**
 * True if an `Authorization` header carries this bearer token. Takes as long for a wrong token as for the right one: both sides are
 * hashed to equal length first, so neither the length nor a common prefix of the token can be measured.
 *
 * @param header value of the `Authorization` header
 * @param token the token that is accepted; an empty one accepts nobody
 */
export function bearerMatches(header: string | undefined, token: string): boolean {
  const given = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? '';
  const equal = timingSafeEqual(digest(given), digest(token));
  return equal && token !== '';
}

/** The body and header of the 401 that follows a missing or wrong token. */
export function unauthorized(setting: string): { readonly body: ErrorBody; readonly headers: { readonly 'www-authenticate': string } } {
  return {
    body: errorBody('unauthorized', 'this needs a bearer token', [{
      where: 'header authorization', got: 'no token, or not the right one', allowed: 'Bearer <token>', do: `send the token the service was started with (${setting})`,
    }]),
    headers: { 'www-authenticate': 'Bearer' },
  };
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
