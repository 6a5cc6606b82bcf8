import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import { passed } from '../../wire/milestones.ts';
import { authorize } from '../access/authorize.ts';
import { nobody, type Principal, principalOf } from '../access/principal.ts';
import { Context, type Keep, type Services } from '../context.ts';
import { problemResponse } from '../problem.ts';
import { Json, type Reply } from '../reply.ts';
import type { Preconditions } from '../version.ts';
import { limitsOf, readBody } from './body.ts';
import { type Compression, encode } from './encoding.ts';
import { notModified, preconditionsOf as readPreconditions } from './etag.ts';
import { idempotently } from './idempotency.ts';
import { readInput } from './input.ts';
import type { Contract, Operation } from './route.ts';
import { whereAsked } from './stale.ts';

/** Returns the address of the client, from the environment that the runtime passes. */
export type RemoteOf = (env: unknown) => string;

/** Headers that change what a request does, or its response. */
const SIGNIFICANT = ['if-match', 'if-none-match', 'prefer'] as const;

/**
 * Two requests with one Idempotency-Key are the same if their fingerprints are equal. The client's address is not part
 * of it: a retry may come from another address.
 */
function fingerprint({ url, headers }: Request, body: string): string {
  const { pathname, search } = new URL(url);
  const given = SIGNIFICANT.filter((name) => headers.has(name)).map((name) => `${name}: ${headers.get(name)}`);
  return [...given, `POST ${pathname}${search} ${body}`].join('\n');
}

/**
 * Adds a handler for every operation to the app. Each request is checked once, in the order that reveals least and costs
 * least when a check fails: credential, rate, permission, media type, size, JSON, shape. Then the verb runs.
 */
export function mount(
  app: OpenAPIHono,
  services: Services,
  operations: readonly Operation[],
  remoteOf: RemoteOf,
): void {
  for (const operation of operations) {
    const { contract } = operation;
    app.openAPIRegistry.registerPath(contract.openapi);
    app.on(contract.method.toUpperCase(), contract.path.replace(/\{(\w+)\}/g, ':$1'), (c) =>
      answer(services, operation, c, remoteOf),
    );
  }
}

async function answer(services: Services, operation: Operation, c: HonoContext, remoteOf: RemoteOf): Promise<Response> {
  const started = performance.now();
  const request = c.req.raw;
  const requestId = requestIdOf(request.headers);
  const { contract } = operation;
  let principal: Principal = nobody;
  let response: Response;
  try {
    const now = services.clock();
    const params = c.req.param() as Record<string, string>;
    passed('received', params.tenant);
    if (contract.access !== 'public') {
      const token = await services.tokens.authenticate(request.headers.get('authorization'), now);
      principal = principalOf(token);
      services.rate.take(token.id, now);
      authorize(principal, contract.access, params);
    }
    passed('authenticated', params.tenant);
    const { bodyLimit } = services.settings;
    const text = contract.body
      ? await readBody(request, contract.body.types, limitsOf(contract.body.size ?? 'small', bodyLimit).bytes)
      : '';
    const input = await readInput(contract, params, request.url, text, bodyLimit);
    passed('parsed', params.tenant);
    const preconditions = preconditionsOf(contract, request.headers);
    const contextIn = (at: Services, keep?: Keep) =>
      new Context(at, principal, requestId, remoteOf(c.env), preconditions, keep);
    const run = (keep?: Keep) =>
      whereAsked(services, contract, request.headers.get('prefer'), (at) =>
        operation.handle(contextIn(at, keep), input, request),
      );
    const key = contract.method === 'post' ? request.headers.get('idempotency-key') : null;
    const reply =
      key === null ? await run() : await idempotently(services, principal.id, key, fingerprint(request, text), run);
    const finished = operation.finish ? await operation.finish(contextIn(services), input, request, reply) : reply;
    response = await toResponse(
      contract.method === 'get' ? unlessHeld(finished, request) : finished,
      requestId,
      // The feed contains secrets. Its compressed length would reveal something about them.
      contract.access.startsWith('fleet:')
        ? undefined
        : { request: request.headers, compression: services.compression },
    );
  } catch (thrown) {
    response = problemResponse(thrown, requestId);
    if (response.status >= 500)
      services.log.error({ requestId, route: contract.operationId, err: thrown }, 'request failed');
  }
  const ms = performance.now() - started;
  services.metrics.record('requests', [contract.operationId, response.status], 1);
  services.metrics.record('requestSeconds', [contract.operationId], ms / 1000);
  services.log.info(
    {
      requestId,
      method: request.method,
      route: contract.path,
      status: response.status,
      ms: Math.round(ms * 100) / 100,
      actor: principal.id,
      tenant: 'tenant' in principal ? principal.tenant : undefined,
    },
    'request',
  );
  return response;
}

/** A request id from the caller is kept when it cannot break a log line or a header. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get('x-request-id');
  return given !== null && /^[\w.:-]{1,128}$/.test(given) ? given : crypto.randomUUID();
}

/** Preconditions of a write. Reads have none: they answer with the resource or 304. */
function preconditionsOf({ method, headers: known = [] }: Contract, headers: Headers): Preconditions {
  if (method === 'get' || known.length === 0) return {};
  return readPreconditions(known.includes('If-Match') ? headers.get('if-match') : null, headers.get('if-none-match'));
}

/** RFC 9110 §13.1.2: a client that has the current version gets 304. */
function unlessHeld(reply: Reply, { headers }: Request): Reply {
  const etag = reply.headers?.etag;
  if (etag === undefined || !notModified(headers.get('if-none-match'), etag)) return reply;
  return { status: 304, ...(reply.headers && { headers: reply.headers }) };
}

/** A plain object of headers and a string body keep @hono/node-server on its fast path: no Headers, no stream. */
async function toResponse(
  { status, headers: given, raw, body }: Reply,
  requestId: string,
  to?: { request: Headers; compression: Compression | undefined },
): Promise<Response> {
  const headers: Record<string, string> = { 'x-request-id': requestId, 'cache-control': 'no-store', ...given };
  if (raw instanceof ReadableStream) return new Response(raw, { status, headers });
  const content = raw ?? Json.of(body);
  if (content === undefined) return new Response(null, { status, headers });
  if (raw === undefined) headers['content-type'] ??= 'application/json';
  const sent = to?.compression ? await encode(content, headers, to.request, to.compression) : content;
  return new Response(sent, { status, headers });
}

/** RFC 9110 §15.5.6: a 405 must say what is allowed. */
export function allowedMethods(operations: readonly Operation[], path: string): string[] {
  const methods = new Set<string>();
  for (const { contract } of operations) {
    const pattern = new RegExp(`^${contract.path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
    if (pattern.test(path)) methods.add(contract.method.toUpperCase());
  }
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
