import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseQuery, Query, QueryError } from './promql';

// How Prometheus' HTTP API is spoken, for whoever answers in its place.

/** Prometheus refuses more points per series than this. */
const MOST_POINTS = 11_000;
const LARGEST_BODY = 64 * 1024;

/** A refusal in Prometheus' shape. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly type: string, message: string) {
    super(message);
  }
}

/** One answer. */
export function send(response: ServerResponse, status: number, answer: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

/** An error as Prometheus answers it. */
export function refusalOf(response: ServerResponse, error: unknown): void {
  if (error instanceof ApiError) send(response, error.status, { status: 'error', errorType: error.type, error: error.message });
  else send(response, 500, { status: 'error', errorType: 'internal', error: String(error) });
}

/** Parameters of a question, from its address and a posted form. */
export async function parametersOf(request: IncomingMessage, url: URL): Promise<URLSearchParams> {
  if (request.method !== 'GET' && request.method !== 'POST') throw new ApiError(405, 'bad_data', `method ${request.method} is not allowed`);
  const parameters = url.searchParams;
  if (request.method === 'POST') for (const [key, value] of new URLSearchParams(await formOf(request))) parameters.append(key, value);
  return parameters;
}

async function formOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > LARGEST_BODY) throw new ApiError(413, 'bad_data', 'the request is too large');
  }
  return text;
}

/** The query, or a refusal in Prometheus' words. */
export function parsed(text: string | null): Query {
  if (text === null || text === '') throw new ApiError(400, 'bad_data', 'invalid parameter "query": unknown position: parse error: no expression found in input');
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError) throw new ApiError(400, 'bad_data', error.message);
    throw error;
  }
}

/** Unix seconds, or RFC 3339. */
export function timeOf(parameters: URLSearchParams, name: string, fallback?: number): number {
  const text = parameters.get(name);
  if ((text === null || text === '') && fallback !== undefined) return fallback;
  const value = text !== null && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : text !== null && /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) / 1000 : NaN;
  if (!Number.isFinite(value)) throw new ApiError(400, 'bad_data', `invalid parameter "${name}": cannot parse ${JSON.stringify(text ?? '')} to a valid timestamp`);
  return value;
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/** A duration, seconds above 0. */
export function duration(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name) ?? '';
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)?$/.exec(text);
  const value = match ? Number(match[1]) * UNITS[match[2] ?? 's']! : NaN;
  if (!Number.isFinite(value)) throw new ApiError(400, 'bad_data', `invalid parameter "${name}": cannot parse ${JSON.stringify(text)} to a valid duration`);
  if (value <= 0) throw new ApiError(400, 'bad_data', `invalid parameter "${name}": zero or negative query resolution step widths are not accepted. Try a positive integer`);
  return value;
}

/** Prometheus' way to write a number. */
export function number(value: number): string {
  if (value === Infinity) return '+Inf';
  return String(value === -Infinity ? '-Inf' : value);
}

/** Timestamps carry milliseconds. */
export const stamp = (value: number): number => Math.round(value * 1000) / 1000;

/** Times of a range query. */
export function gridOf(parameters: URLSearchParams): number[] {
  const start = timeOf(parameters, 'start');
  const end = timeOf(parameters, 'end');
  const step = duration(parameters, 'step');
  if (end < start) throw new ApiError(400, 'bad_data', 'invalid parameter "end": end timestamp must not be before start time');
  if ((end - start) / step > MOST_POINTS) {
    throw new ApiError(400, 'bad_data', 'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)');
  }
  return Array.from({ length: Math.floor((end - start) / step + 1e-9) + 1 }, (_, index) => start + index * step);
}
