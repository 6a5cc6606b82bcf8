/** Compares one request on a real Envoy with the result of `explain`. */

import { isDeepStrictEqual } from 'node:util';
import { MESH_PORT } from '../../../model/binding/mesh.ts';
import { type Arrival, serverNameOf } from '../../../model/explain/arrival.ts';
import { type ClientRequest, type Explanation, explain } from '../../../model/explain/explain.ts';
import { rejectedUpgrade } from '../../../model/explain/request-headers.ts';
import type { HeaderChanges } from '../../../model/route/header-changes.ts';
import { parseReference } from '../../../model/values/reference.ts';
import type { Pair } from '../../e2e/authority.ts';
import { TENANT } from '../compiled-edge.ts';
import { type RawAnswer, raw, type Served } from '../edge.ts';
import { OF_UPSTREAM, SEEN, type Seen } from './echo.ts';

/** The observable part of an outcome. */
export interface Observed {
  /** Undefined: no connection. */
  status: number | undefined;
  /** `route/rule`, from a response header that every rule sets. */
  rule?: string | undefined;
  location?: string | undefined;
  grpcStatus?: string | undefined;
  /** The body of a response that Envoy generated. */
  body?: string | undefined;
  url?: string | undefined;
  authority?: string | undefined;
  headers?: Record<string, string>;
  responseHeaders?: Record<string, string | undefined>;
  cors?: Record<string, string | undefined> | undefined;
  upstream?: string | undefined;
}

/** Headers whose values explain cannot know, or that frame the message on one connection. */
const UNKNOWN = [
  'host',
  'x-request-id',
  'x-forwarded-for',
  'x-envoy-external-address',
  'x-forwarded-client-cert',
  'content-length',
  'connection',
  'transfer-encoding',
];
const WATCHED = ['x-r', 'x-s'];
/** Headers that `cors` writes. Upstreams send none of them. */
const CROSS_ORIGIN = ['origin', 'credentials', 'methods', 'headers']
  .map((name) => `access-control-allow-${name}`)
  .concat('access-control-expose-headers', 'access-control-max-age', 'vary');

/** The Connection header of requests that define none. Each request has its own connection. */
const CLOSE = { connection: 'close' };

/** Where requests are sent, and the certificate that clients show if they have one. */
export type Reached = Pick<Served, 'ports' | 'authority'> & { client?: Pair };

/** @param upstreams the port of each upstream */
export async function observe(
  served: Reached,
  question: ClientRequest,
  upstreams: Record<string, number>,
): Promise<Observed> {
  const answer = await send(served, question);
  if (!answer) return { status: undefined };
  const one = (name: string) => text(answer.headers[name]?.join(','));
  const body = text(answer.body)!;
  const seen = seenIn(one('content-type') === 'application/json' ? body : base64(one(SEEN)));
  // An accepted upgrade counts as the response of an upstream.
  const status = answer.status === 101 ? 200 : answer.status;
  const observed = { status, rule: one('x-rule'), location: undefined, grpcStatus: one('grpc-status') };
  const responseHeaders = Object.fromEntries(WATCHED.map((name) => [name, one(name)]));
  const cors = Object.fromEntries(CROSS_ORIGIN.map((name) => [name, one(name)]));
  if (!seen) return { ...observed, location: one('location'), body, responseHeaders, cors };
  return {
    ...observed,
    upstream: Object.entries(upstreams).find(([, port]) => port === seen.port)?.[0],
    url: seen.url,
    authority: seen.headers.find(([name]) => name === 'host')?.[1],
    headers: known(joined(seen.headers.map(([name, value]) => [name, text(value)!] as const))),
    responseHeaders,
    cors,
  };
}

const seenIn = (json: string | undefined): Seen | undefined => (json === undefined ? undefined : JSON.parse(json));
const base64 = (encoded: string | undefined) => encoded && Buffer.from(encoded, 'base64').toString();

/** Node and the client here read bytes as Latin-1. */
const text = (latin1: string | undefined): string | undefined => latin1 && Buffer.from(latin1, 'latin1').toString();

async function send({ ports, authority, client }: Reached, question: ClientRequest): Promise<RawAnswer | undefined> {
  const { path, method, scheme, port } = question;
  const version = question.httpVersion ?? (question.authority === '' ? '1.0' : '1.1');
  const isChunked = question.headers?.['transfer-encoding'] !== undefined;
  const lines = Object.entries({
    ...CLOSE,
    ...(method === 'GET' || isChunked ? {} : { 'content-length': '0' }),
    ...question.headers,
  });
  const head = [
    `${method} ${path} HTTP/${version}`,
    ...(question.authority === '' ? [] : [`host: ${question.authority}`]),
    ...lines.flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`)),
  ];
  const body = isChunked ? '0\r\n\r\n' : '';
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`).toString('latin1');
  const tls = scheme === 'https' && {
    servername: question.serverName ?? serverNameOf(question.authority),
    ca: authority.pem,
    rejectUnauthorized: false,
    ...(client && question.clientCertificate && { cert: client.certificateChain, key: client.privateKey }),
  };
  try {
    const [answer] = await raw({ port: portOf(ports, port!), ...(tls && { tls }) }, bytes);
    return answer;
  } catch (error) {
    if (tls && /alert|EPROTO|ECONNRESET|disconnected/i.test(String(error))) return undefined;
    throw error;
  }
}

const portOf = (ports: Served['ports'] & { other?: number; mesh?: number }, port: number): number =>
  port === MESH_PORT ? ports.mesh! : port === 443 ? ports.https : port === 80 ? ports.http : ports.other!;

/**
 * Returns what should be observed according to explain.
 *
 * @param actual decides what explain leaves open: which of several weighted destinations gets the request
 */
export function predict(
  { configuration, fleet }: Served,
  question: ClientRequest,
  actual: Observed,
): { expected: Observed; answer: Explanation } {
  const connection = question.headers?.connection ?? 'close';
  const asked = { ...question, headers: { ...question.headers, connection } };
  const answer = explain(configuration, TENANT, fleet, asked);
  return { expected: expectedOf(answer, actual), answer };
}

/**
 * @param tenant the tenant to which the explanation is given, if the marks of rules name tenants: its own rules and
 *   upstreams have no tenant in the explanation
 */
export function expectedOf(answer: Explanation, actual: Observed, tenant?: string): Observed {
  if (answer.outcome === 'refused' || answer.outcome === 'forwarded' || answer.outcome === 'other-tenant')
    return { status: undefined };
  // The response to a preflight has none of the changes of its rule.
  const isPreflight = answer.outcome === 'matched' && / answers the preflight$/.test(answer.why);
  const rule =
    answer.outcome === 'matched' && !isPreflight
      ? `${marked(answer.rule.route, tenant)}/${answer.rule.rule}`
      : undefined;
  const cors = answer.outcome === 'matched' ? answer.cors : undefined;
  const changes = answer.outcome === 'matched' && !isPreflight ? (answer.rule.spec.headers?.response ?? {}) : {};
  const whole = answer.outcome === 'matched' ? answer.effect : answer.answer;
  // Which of the shares gets the request is left to chance.
  const likely = 'destinations' in whole ? whole.destinations.filter(({ percent }) => percent > 0) : [];
  const answers = 'destinations' in whole ? (whole.answers ?? []).filter(({ percent }) => percent > 0) : [];
  const isAnswered = answers.length > 0 && (actual.upstream === undefined || likely.length === 0);
  const isSame = ({ status, body = '', grpcStatus }: (typeof answers)[number]['answer']) =>
    status === actual.status &&
    (grpcStatus === undefined ? body === actual.body : `${grpcStatus}` === actual.grpcStatus);
  // Shares with the same answer may change its headers in different ways.
  const isLike = ({ answer, responseHeaders = {} }: (typeof answers)[number]) =>
    isSame(answer) &&
    isDeepStrictEqual(watched(answer.headers ?? {}, changes, responseHeaders), actual.responseHeaders);
  const share = isAnswered
    ? (answers.find(isLike) ??
      answers.find(({ answer }) => isSame(answer)) ??
      answers.find(({ answer }) => answer.status === actual.status) ??
      answers[0]!)
    : undefined;
  const effect = share?.answer ?? whole;
  if (!('destinations' in effect)) {
    // The route that rejects a rewrite has none of the changes of its rule.
    const isBare = isAnswered && (effect.status === 403 || effect.grpcStatus === 7);
    const isCodec = !answer.arrival;
    // If the host is already loaded, Envoy knows the route at that point, and changes this response too.
    const isBeforeRoutes =
      effect.body?.startsWith('RBAC') || rejectedUpgrade(answer.arrival?.headers ?? {}) !== undefined;
    return {
      status: effect.status,
      rule: isBeforeRoutes ? actual.rule : isBare ? undefined : rule,
      location: effect.location,
      grpcStatus: effect.grpcStatus?.toString(),
      // The messages of Envoy's codec are not compared. A gRPC response has its message in a header.
      body: isCodec || effect.grpcStatus !== undefined ? actual.body : (effect.body ?? ''),
      responseHeaders: isBeforeRoutes
        ? actual.responseHeaders!
        : watched(effect.headers ?? {}, ...(isBare ? [] : [changes, share?.responseHeaders ?? {}])),
      cors: isPreflight ? effect.headers : isBare ? {} : isBeforeRoutes ? actual.cors : (cors ?? {}),
    };
  }
  const named = (upstream: string) => parseReference(upstream).name;
  const destination = likely.find(({ upstream }) => named(upstream) === actual.upstream) ?? likely[0]!;
  const request = destination.request ?? effect.request;
  return {
    status: 200,
    rule,
    location: undefined,
    grpcStatus: undefined,
    upstream: named(destination.upstream),
    url: request.path,
    authority: request.authority,
    headers: known(
      joined(
        Object.entries(request.headers).flatMap(([name, values]) => values.map((value) => [name, value] as const)),
      ),
    ),
    responseHeaders: watched(OF_UPSTREAM, changes, destination.responseHeaders ?? {}),
    cors: cors ?? {},
  };
}

const marked = (route: string, tenant: string | undefined): string =>
  tenant === undefined || route.includes('/') ? route : `${tenant}/${route}`;

/** Per change: applies `remove`, then `set`, then `add`. */
function watched(from: Record<string, string>, ...changes: HeaderChanges[]): Record<string, string | undefined> {
  return Object.fromEntries(
    WATCHED.map((name) => {
      let all = name in from ? [from[name]!] : [];
      for (const { remove = [], set = {}, add = {} } of changes) {
        if (remove.includes(name)) all = [];
        if (name in set) all = [set[name]!];
        if (name in add) all = [...all, add[name]!];
      }
      return [name, all.length > 0 ? all.join(',') : undefined];
    }),
  );
}

const joined = (headers: Iterable<readonly [string, string]>): Arrival['headers'] => {
  const all: Arrival['headers'] = Object.create(null);
  for (const [name, value] of headers) (all[name] ??= []).push(value);
  return all;
};

const known = (headers: Arrival['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !UNKNOWN.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, values]) => [name, values.join(',')]),
  );
