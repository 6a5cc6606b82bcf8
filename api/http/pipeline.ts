import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import { reportMilestone } from '../../wire/milestones.ts';
import { authorize } from '../access/authorize.ts';
import { identify } from '../access/identify.ts';
import { isOfFleets } from '../access/matrix.ts';
import { requireOpen } from '../access/open-tenant.ts';
import { nobody, type Principal } from '../access/principal.ts';
import { recordReason } from '../access/reason.ts';
import { targetOf } from '../access/target.ts';
import { Context, type Keep, type Services } from '../context.ts';
import { FixedBytes, Json, JsonBytes, type Reply } from '../reply.ts';
import type { Preconditions } from '../version.ts';
import { limitsOf, readBody } from './body.ts';
import { charge } from './charge.ts';
import { clientAddress } from './client-address.ts';
import { type Compression, encode } from './encoding.ts';
import { notModified, preconditionsOf as readPreconditions } from './etag.ts';
import { idempotently } from './idempotency.ts';
import { readInput } from './input.ts';
import { preferredWait, requireWellFormedWait } from './prefer.ts';
import type { Allowance } from './rate-limit.ts';
import type { Made } from './room.ts';
import { type Contract, errorsOf, type Operation } from './route.ts';
import { whereAsked } from './stale.ts';

/** Returns the address of the peer of the connection, from the environment that the runtime passes. */
export type RemoteOf = (env: unknown) => string;

/** What the pipeline needs from the runtime, for each request. */
export interface Edge {
  remoteOf: RemoteOf;
  /** Runs work for which the response does not wait, with the environment that the runtime passes. */
  defer: (env: unknown, work: Promise<unknown>) => void;
}

/** The headers that change the effect of a request, or its response. */
const SIGNIFICANT = ['if-match', 'if-none-match', 'prefer'] as const;

/**
 * Returns a text by which requests with one Idempotency-Key are compared. It does not contain the client's address,
 * because a retry may come from another address.
 */
function fingerprint({ url, headers }: Request, body: string): string {
  const { pathname, search } = new URL(url);
  const given = SIGNIFICANT.filter((name) => headers.has(name)).map((name) => `${name}: ${headers.get(name)}`);
  return [...given, `POST ${pathname}${search} ${body}`].join('\n');
}

/**
 * Adds a handler for every operation to the app. The handler checks each request in this order: credential, rate,
 * permission, media type, size, credential and permission once more if the request has a body, JSON, schema. In this
 * order, a rejected request learns least and costs least. Then the verb runs.
 */
export function mount(app: OpenAPIHono, services: Services, operations: readonly Operation[], edge: Edge): void {
  for (const operation of operations) {
    const { contract } = operation;
    app.openAPIRegistry.registerPath(contract.openapi);
    app.on(contract.method.toUpperCase(), contract.path.replace(/\{(\w+)\}/g, ':$1'), (c) =>
      answer(services, operation, c, edge),
    );
  }
}

async function answer(
  services: Services,
  operation: Operation,
  c: HonoContext,
  { remoteOf, defer }: Edge,
): Promise<Response> {
  const started = performance.now();
  const request = c.req.raw;
  const requestId = requestIdOf(request.headers);
  const remote = clientAddress(remoteOf(c.env), () => request.headers, services.settings);
  const { contract } = operation;
  let principal: Principal = nobody;
  let response: Response;
  let leave: (() => void) | undefined;
  let allowance: Allowance | undefined;
  let cookies: readonly string[] = [];
  /** Identifies the caller, and checks that the matrix allows the operation. */
  const admit = async (params: Record<string, string>, now: number) => {
    principal = await identify(services, request, now, (work) => defer(c.env, work));
    // A caller whose body is too slow has been counted already.
    allowance ??= services.rate.count(principal.id, now);
    const target = await targetOf(services, contract.access, params, now);
    const permission = authorize(principal, contract.access, target);
    if (permission === 'while-open' && target.tenant !== undefined)
      await requireOpen(services, contract.access, target.tenant);
    return { target, permission };
  };
  try {
    const now = services.clock();
    const params = c.req.param() as Record<string, string>;
    reportMilestone('received', params.tenant);
    if (contract.access !== 'public') {
      const { target, permission } = await admit(params, now);
      if (permission === 'reason') await recordReason(services, request, { principal, target, requestId, remote, now });
      allowance = (await charge(services, contract, request, { principal, target, now })) ?? allowance;
    }
    reportMilestone('authenticated', params.tenant);
    const { bodyLimit } = services.settings;
    const text = contract.body
      ? await readBody(request, contract.body.types, limitsOf(contract.body.size ?? 'small', bodyLimit).bytes)
      : '';
    // A large body is more work. The request itself is not rejected for it, but later ones are.
    if (text.length >= UNIT_BYTES) allowance?.add(Math.floor(text.length / UNIT_BYTES));
    // The body may have arrived slowly. Access that ended meanwhile must not write. Nearly all bodies are there already.
    const arrived = services.clock();
    if (contract.body && contract.access !== 'public' && arrived !== now) await admit(params, arrived);
    const input = await readInput(contract, params, request.url, text, bodyLimit);
    if (contract.extraCost) allowance?.add(contract.extraCost(input.body));
    reportMilestone('parsed', params.tenant);
    const preconditions = preconditionsOf(contract, request.headers);
    if (contract.headers?.includes('Prefer')) requireWellFormedWait(request.headers.get('prefer'));
    const contextIn = (at: Services, keep?: Keep) =>
      new Context(at, principal, requestId, remote, preconditions, keep, () => request.signal);
    const run = (keep?: Keep) =>
      whereAsked(services, contract, request.headers.get('prefer'), (at) =>
        operation.handle(contextIn(at, keep), input, request),
      );
    if (contract.method !== 'get' && preferredWait(request.headers.get('prefer')) !== undefined)
      leave = services.waiting.enter(params.tenant ?? principal.id);
    const key = contract.headers?.includes('Idempotency-Key') ? request.headers.get('idempotency-key') : null;
    const make = async () => {
      const reply =
        key === null
          ? await run()
          : await idempotently(
              services,
              { owner: principal.id, key, tenant: params.tenant, fleet: params.fleet },
              fingerprint(request, text),
              run,
            );
      const finished = operation.finish ? await operation.finish(contextIn(services), input, request, reply) : reply;
      cookies = finished.cookies ?? [];
      return encoded(
        contract.method === 'get' ? unlessHeld(finished, request) : finished,
        requestId,
        // The feed contains secrets. Its compressed length would reveal something about them.
        isOfFleets(contract.access) ? undefined : { request: request.headers, compression: services.compression },
        allowance,
      );
    };
    if (contract.response && services.room)
      response = await services.room.make(params.tenant!, contract.response, request, make);
    else {
      const { content, ...init } = await make();
      response = new Response(content, init);
    }
    for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  } catch (thrown) {
    response = errorsOf(contract).respond(thrown, requestId, c);
    if (allowance && !response.headers.has('ratelimit'))
      for (const [name, value] of Object.entries(allowance.headers)) response.headers.set(name, value);
    if (response.status >= 500)
      services.log.error({ requestId, route: contract.operationId, err: thrown }, 'request failed');
  } finally {
    leave?.();
  }
  if (contract.isPage && services.settings.publicUrl.startsWith('https:'))
    response.headers.set('strict-transport-security', STRICT_TRANSPORT);
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

/** With it, browsers that have seen a page open this host only with TLS, for a year. RFC 6797 §6.1 */
const STRICT_TRANSPORT = 'max-age=31536000';
/** The length of a body, in characters, that counts as one more request. */
const UNIT_BYTES = 65_536;
/** Returns the request id of the caller if it is safe in a log line and a header; otherwise a new id. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get('x-request-id');
  return given !== null && /^[\w.:-]{1,128}$/.test(given) ? given : crypto.randomUUID();
}

/** Returns the preconditions of a write. Reads have none, because they return the resource or 304. */
function preconditionsOf({ method, headers: known = [] }: Contract, headers: Headers): Preconditions {
  if (method === 'get' || known.length === 0) return {};
  return readPreconditions(known.includes('If-Match') ? headers.get('if-match') : null, headers.get('if-none-match'));
}

/** Turns the reply into a 304 if the client has the current version (RFC 9110 §13.1.2). */
function unlessHeld(reply: Reply, { headers }: Request): Reply {
  const etag = reply.headers?.etag;
  if (etag === undefined || !notModified(headers.get('if-none-match'), etag)) return reply;
  return { status: 304, ...(reply.headers && { headers: reply.headers }) };
}

/**
 * Encodes a reply. With a plain object of headers and a string body, @hono/node-server uses its fast path, which
 * creates no Headers and no stream.
 */
async function encoded(
  { status, headers: given, raw, body }: Reply,
  requestId: string,
  to?: { request: Headers; compression: Compression | undefined },
  allowance?: Allowance,
): Promise<Made> {
  const headers: Record<string, string> = {
    'x-request-id': requestId,
    'cache-control': 'no-store',
    ...allowance?.headers,
    ...given,
  };
  if (raw instanceof ReadableStream) return { status, headers, content: raw };
  const content = raw ?? contentOf(body);
  if (content === undefined) return { status, headers, content: null };
  if (raw === undefined) headers['content-type'] ??= 'application/json';
  if (to?.compression) return { status, headers, content: await encode(content, headers, to.request, to.compression) };
  return { status, headers, content: content instanceof FixedBytes ? content.bytes : content };
}

/** Returns a body as JSON, unless it is JSON already. */
function contentOf(body: unknown): string | Uint8Array<ArrayBuffer> | FixedBytes | undefined {
  if (body instanceof FixedBytes) return body;
  return body instanceof JsonBytes ? body.bytes : Json.of(body);
}

/** Returns the methods that a path allows. A 405 must list them (RFC 9110 §15.5.6). */
export function allowedMethods(operations: readonly Operation[], path: string): string[] {
  const methods = new Set<string>();
  for (const { contract } of operations) {
    const pattern = new RegExp(`^${contract.path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
    if (pattern.test(path)) methods.add(contract.method.toUpperCase());
  }
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
