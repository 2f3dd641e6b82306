import { createServer, IncomingMessage, Server } from 'node:http';
import { bearerMatches } from '../../../base/http';
import { ApiError, gridOf, parametersOf, parsed, refusalOf, send, timeOf } from '../../plant/prometheus-http';
import type { TraceBody } from './contract';
import { AskPrometheus, Timekeeper } from './timekeeper';

/** A year of minutes of a few series. */
const LARGEST_TRACE = 64 * 2 ** 20;
const TIMEOUT_MS = 10_000;

/** Asks a Prometheus at an address. */
export function askPrometheus(base: string): AskPrometheus {
  return async (path, parameters) => {
    let body: { status?: string; data?: { resultType: string; result: unknown }; errorType?: string; error?: string };
    let status: number;
    try {
      const answer = await fetch(`${base.replace(/\/$/, '')}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters), signal: AbortSignal.timeout(TIMEOUT_MS) });
      status = answer.status;
      body = await answer.json() as typeof body;
    } catch (error) {
      throw new ApiError(503, 'unavailable', `the real Prometheus does not answer: ${String((error as Error & { cause?: unknown }).cause ?? error)}`);
    }
    if (status !== 200 || body.status !== 'success' || !body.data) throw new ApiError(status === 200 ? 502 : status, body.errorType ?? 'internal', body.error ?? `the real Prometheus answered ${status}`);
    return body.data;
  };
}

/**
 * The timekeeper over HTTP. `GET /api/v1/query` and `query_range` as Prometheus has them, for anybody; `PUT /trace`, `POST /clock` and `GET /clock` for who holds the
 * token.
 */
export function timekeeperServer(timekeeper: Timekeeper, token: string): Server {
  return createServer((request, response) => {
    void handle(timekeeper, token, request).then(({ status = 200, body }) => send(response, status, body), (error: unknown) => refusalOf(response, error));
  });
}

interface Answer { readonly status?: number; readonly body: unknown }

async function handle(timekeeper: Timekeeper, token: string, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const { pathname } = url;
  switch (pathname) {
    case '/-/healthy': case '/-/ready': return { body: { status: 'success', trace: timekeeper.ready } };
    case '/api/v1/query': {
      const parameters = await parametersOf(request, url);
      return { body: { status: 'success', data: await timekeeper.instant(queryOf(parameters), parameters.has('time') ? timeOf(parameters, 'time') : undefined) } };
    }
    case '/api/v1/query_range': {
      const parameters = await parametersOf(request, url);
      return { body: { status: 'success', data: await timekeeper.range(queryOf(parameters), gridOf(parameters)) } };
    }
    case '/trace': case '/clock': break;
    default: throw new ApiError(404, 'not_found', `no such endpoint: ${pathname}`);
  }
  if (!bearerMatches(request.headers.authorization, token)) throw new ApiError(401, 'unauthorized', 'this needs a bearer token');
  if (pathname === '/clock' && request.method === 'GET') return { body: timekeeper.clock() };
  if (pathname === '/clock' && request.method === 'POST') return { body: timekeeper.start() };
  if (pathname === '/trace' && request.method === 'PUT') {
    timekeeper.give(traceOf(await bodyOf(request)));
    return { status: 201, body: timekeeper.clock() };
  }
  throw new ApiError(405, 'bad_data', `method ${request.method} is not allowed`);
}

/** The text of a query; whether it can be answered is for the past and the real Prometheus to say. */
function queryOf(parameters: URLSearchParams): string {
  const text = parameters.get('query') ?? '';
  if (text === '') parsed(text);
  return text;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_TRACE) throw new ApiError(413, 'bad_data', 'the trace is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function traceOf(text: string): TraceBody {
  let body: Partial<TraceBody> | null;
  try {
    body = JSON.parse(text) as Partial<TraceBody> | null;
  } catch {
    throw new ApiError(400, 'bad_data', 'the trace is no JSON');
  }
  const finite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
  const series = (each: Partial<TraceBody['history'][number]> | null): boolean => typeof each?.name === 'string' && typeof each.labels === 'object'
    && finite(each.start) && finite(each.stepSeconds) && each.stepSeconds > 0 && Array.isArray(each.values) && each.values.every(finite);
  if (!finite(body?.traceStart) || !finite(body.speed) || !(body.speed > 0) || !Array.isArray(body.history) || !body.history.every(series)) {
    throw new ApiError(400, 'bad_data', 'a trace has traceStart, speed above 0, and history: series with name, labels, start, stepSeconds and values, all numbers finite');
  }
  return body as TraceBody;
}

