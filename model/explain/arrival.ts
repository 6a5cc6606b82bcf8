/**
 * Computes how the edge (Envoy with the settings of `dataplane/compile/manager`) changes a request before it compares
 * the request with routes. It models Envoy's HTTP/1.1 codec and connection manager.
 */
import { normalisePath } from '../matching/path.ts';
import { parseIp } from '../values/address.ts';
import { RESERVED_PREFIX } from '../values/header.ts';
import { canonicalHost } from './lookup.ts';

/** A request as a client would send it. */
export interface ClientRequest {
  /** The public port; default 80 for http, 443 for https. */
  port?: number | undefined;
  scheme?: 'http' | 'https' | undefined;
  /** The Host header, with or without port. Empty: a request without one. */
  authority: string;
  /** As in the request line, with the query: `/cart?x=1`. The host of an absolute URL replaces the authority. */
  path?: string | undefined;
  method?: string | undefined;
  /** Default: 1.1, or 1.0 without authority. */
  httpVersion?: '1.0' | '1.1' | undefined;
  /** Values by header name. Names may be in any case. */
  headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** The server name (SNI) of the TLS handshake; default: the host of the authority. Empty: the client sent none. */
  serverName?: string | undefined;
  /** Default: {@link SOME_CLIENT}. */
  clientAddress?: string | undefined;
}

/** A request as routes see it. */
export interface Arrival {
  method: string;
  authority: string;
  /** Normalised, without the query. */
  path: string;
  /** With its `?`, or empty. */
  query: string;
  /** By name in lower case, in the order of the client. */
  headers: Record<string, string[]>;
  /** Headers that the edge removed. */
  dropped: { name: string; why: string }[];
}

/** A response with which the edge rejects a request before it looks for a route. */
export interface EdgeRejection {
  status: 400 | 403 | 404 | 501;
  why: string;
}

/** An address for documentation. https://www.rfc-editor.org/rfc/rfc5737 */
const SOME_CLIENT = '192.0.2.1';

/** Stands for the random id that the edge adds to each request. */
const SOME_ID = '00000000-0000-4000-8000-000000000000';

/**
 * Changes a request as the edge does before it looks for a route.
 *
 * @param request only the authority is required
 * @param scheme the scheme of the connection
 * @returns the request as routes see it, or the response with which the edge rejects it
 */
export function arrive(request: ClientRequest, scheme: 'http' | 'https'): Arrival | EdgeRejection {
  const { method = 'GET' } = request;
  if (!METHODS.has(method))
    return rejection(400, method === 'CONNECT' ? 'CONNECT is not served' : `HTTP/1.1 knows no method ${method}`);
  const headers = headersOf(request.headers ?? {});
  if ('status' in headers) return headers;
  if (request.path === '*' && method === 'OPTIONS') return rejection(404, 'the path is *');
  const target = targetOf(request.path ?? '/', request.authority, scheme);
  if ('status' in target) return target;
  if (target.authority === '' && request.httpVersion === '1.1')
    return rejection(400, 'HTTP/1.1 requires a Host header');
  // Envoy's parser requires it, because the body of a QUERY request contains the query.
  if (method === 'QUERY' && !headers.kept['content-type']) return rejection(400, 'QUERY needs a Content-Type');
  addOwnHeaders(headers.kept, scheme, request.clientAddress ?? SOME_CLIENT);
  const { path, query } = normalisePath(target.path);
  return { method, authority: target.authority, path, query, headers: headers.kept, dropped: headers.dropped };
}

const rejection = (status: EdgeRejection['status'], why: string): EdgeRejection => ({ status, why });

/**
 * The methods that Envoy's HTTP/1.1 parser (balsa) accepts. It accepts CONNECT too, but no gateway serves it.
 * M-SEARCH is missing, because the parser knows it only as MSEARCH.
 */
const METHODS: ReadonlySet<string> = new Set(
  `ACL BIND CHECKOUT COPY DELETE GET HEAD LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE MSEARCH NOTIFY OPTIONS PATCH POST
  PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE`.split(
    /\s+/,
  ),
);

/** RFC 3986 §3.2, without the characters that Envoy does not accept in a host. */
const AUTHORITY = /^[A-Za-z0-9._~%!$&'()*+,;=:@[\]-]*$/;

/** The host and port of an absolute URL, as Envoy accepts them. */
const URL_HOST = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?$/;

/** Reads the request target, which is a path or an absolute URL (RFC 9112 §3.2). */
function targetOf(
  target: string,
  authority: string,
  scheme: 'http' | 'https',
): { path: string; authority: string } | EdgeRejection {
  if (!/^[\x21-\x7e]+$/.test(target))
    return rejection(400, 'the path holds a space, a control character or one outside ASCII, which must be escaped');
  if (!AUTHORITY.test(authority)) return rejection(400, 'the authority holds a character that no host has');
  const url = /^(https?):\/\/(?:[^/?#]*@)?([^/?#]*)(.*)$/i.exec(target);
  if (url && !URL_HOST.test(url[2]!)) return rejection(400, 'the URL has a host or port that Envoy does not read');
  if (!url && !target.startsWith('/')) return rejection(400, 'the path does not begin with a slash');
  const [, named = scheme, host = authority, path = target] = url ?? [];
  if (named.toLowerCase() === 'https' && scheme === 'http')
    return rejection(403, 'the URL says https, but the connection is http');
  if (target.includes('#')) return rejection(400, 'the path holds a fragment (#)');
  if (path.startsWith('?')) return rejection(404, 'the URL has no path');
  if (/%00/.test(path.replace(/\?.*/, ''))) return rejection(400, 'the path holds an escaped NUL (%00)');
  return { path: path === '' ? '/' : path, authority: host };
}

/** Headers for one connection, and headers that Envoy accepts only from trusted proxies. */
const TAKEN_AWAY: ReadonlySet<string> = new Set([
  ...['keep-alive', 'proxy-connection', 'transfer-encoding'],
  ...['x-forwarded-client-cert', 'x-request-id', 'x-forwarded-proto'],
]);
/** Headers that control Envoy. Envoy drops them from requests of clients that it does not trust. */
const STEERING: ReadonlySet<string> = new Set(
  `attempt-count decorator-operation downstream-service-cluster downstream-service-node expected-rq-timeout-ms external-address
  force-trace hedge-on-per-try-timeout internal ip-tags max-retries original-path original-url retriable-header-names
  retriable-status-codes retry-grpc-on retry-on upstream-alt-stat-name upstream-rq-per-try-timeout-ms
  upstream-rq-timeout-alt-response upstream-rq-timeout-ms upstream-stream-duration-ms`
    .split(/\s+/)
    .map((name) => `x-envoy-${name}`),
);

/** The characters of a header name: RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

function headersOf(
  given: NonNullable<ClientRequest['headers']>,
): { kept: Record<string, string[]>; dropped: Arrival['dropped'] } | EdgeRejection {
  const sent: Record<string, string[]> = Object.create(null);
  for (const [written, values] of Object.entries(given)) {
    const name = written.toLowerCase();
    if (!TOKEN.test(name)) return rejection(400, 'the name of a header holds a character that no name has');
    for (const value of [values].flat()) {
      if (CONTROL.test(value)) return rejection(400, `the header ${name} holds a control character`);
      (sent[name] ??= []).push(value.replace(/^[ \t]+|[ \t]+$/g, ''));
    }
  }
  const unframed = whyUnframed(sent['content-length'], sent['transfer-encoding']);
  if (unframed) return unframed;
  const nominated = new Set(tokens(sent.connection));
  // Envoy rejects other upgrades with 403, but only if it knows the route before it loads the routes of the host.
  const isUpgrade = nominated.has('upgrade') && sent.upgrade?.join().toLowerCase() === 'websocket';
  const kept: Record<string, string[]> = Object.create(null);
  const dropped: Arrival['dropped'] = [];
  for (const [name, values] of Object.entries(sent)) {
    const why = droppedBecause(name, values, isUpgrade) ?? (nominated.has(name) ? NOMINATED : undefined);
    if (why !== undefined) dropped.push({ name, why });
    else kept[name] = name === 'te' ? ['trailers'] : IN_ONE_LINE.has(name) ? inOneLine(values) : values;
  }
  return { kept, dropped };
}

/** The largest length of a body that Envoy reads. */
const MAX_LENGTH = 2n ** 64n - 1n;

/** RFC 9112 §6: the headers that say where the body ends must agree, or a request could hide in the body of another. */
function whyUnframed(lengths: readonly string[] = [], encodings: readonly string[] = []): EdgeRejection | undefined {
  const [length, ...others] = lengths;
  if (others.length > 0) return rejection(400, 'it has several Content-Length headers');
  if (length !== undefined && !(/^\d+$/.test(length) && BigInt(length) <= MAX_LENGTH))
    return rejection(400, 'its Content-Length is not a number');
  if (encodings.length === 0) return undefined;
  if (length !== undefined) return rejection(400, 'it has both a Content-Length and a Transfer-Encoding');
  if (encodings.join().toLowerCase() === 'chunked') return undefined;
  return rejection(501, 'the only Transfer-Encoding that the edge reads is chunked');
}

/** The reason why a header that the Connection header names is dropped: RFC 9110 §7.6.1. */
const NOMINATED = 'the Connection header names it';

const tokens = (values: readonly string[] = []): string[] =>
  values.flatMap((value) => value.split(',')).map((token) => token.trim().toLowerCase());

/** Headers of which Envoy joins several lines into one. */
const IN_ONE_LINE: ReadonlySet<string> = new Set(
  `accept accept-encoding authorization cache-control content-type grpc-accept-encoding grpc-timeout if-match
  if-modified-since if-none-match if-range if-unmodified-since origin pragma te user-agent via x-client-trace-id
  x-forwarded-for x-forwarded-host x-forwarded-port`.split(/\s+/),
);
/**
 * Joins the values of a header with commas, without the empty ones, as Envoy does.
 *
 * @returns a list of one value
 * @example inOneLine(['a', '', 'b']) // ['a,b']
 */
export const inOneLine = ([first = '', ...more]: readonly string[]): string[] => [
  more.reduce((all, value) => (value === '' ? all : all === '' ? value : `${all},${value}`), first),
];

function droppedBecause(name: string, values: readonly string[], isUpgrade: boolean): string | undefined {
  if (name.includes('_')) return 'its name has an underscore, which some servers read as a hyphen';
  if (name.startsWith(RESERVED_PREFIX)) return 'it is reserved by the gateway';
  if (STEERING.has(name)) return 'it steers the proxy, which believes it from no client';
  if (TAKEN_AWAY.has(name)) return 'the edge removes it, or writes its own';
  if (name === 'connection' || name === 'upgrade') return isUpgrade ? undefined : 'it is for one connection';
  if (name === 'te' && !tokens(values).includes('trailers')) return 'only trailers are passed on';
  if (name === 'expect' && values.join().toLowerCase() === '100-continue')
    return 'the edge answers it with 100 Continue';
  if (name === 'referer' && !URL.canParse(values.join(','))) return 'it is no absolute URL';
  return undefined;
}

function addOwnHeaders(headers: Record<string, string[]>, scheme: string, client: string): void {
  headers['x-forwarded-proto'] = [scheme];
  headers['x-forwarded-for'] = [[...(headers['x-forwarded-for'] ?? []), client].join(',')];
  headers['x-envoy-external-address'] = [client];
  headers['x-request-id'] = [SOME_ID];
}

/**
 * Returns the server name (SNI) that a client sends in its TLS handshake for a host.
 *
 * @param authority the Host header, with or without port
 * @returns an empty text for an IP address
 */
export function serverNameOf(authority: string): string {
  const host = canonicalHost(authority);
  return host.startsWith('[') || parseIp(host) ? '' : host;
}
