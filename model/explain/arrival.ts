/**
 * Computes how the edge (Envoy with the settings of `dataplane/compile/manager`) changes a request before it compares
 * the request with routes. It models Envoy's HTTP/1.1 codec and connection manager.
 */

import type { Underscores } from '../fleet.ts';
import { EDGE_NAME, LOOP_HEADER } from '../matching/loops.ts';
import { normalisePath } from '../matching/path.ts';
import { parseIp } from '../values/address.ts';
import type { Transport } from '../values/protocol.ts';
import { responseTo } from './edge-response.ts';
import { canonicalHost } from './lookup.ts';
import { type EdgeRejection, rejection } from './rejection.ts';
import { type DroppedHeader, headersOf } from './request-headers.ts';
import { targetOf } from './request-target.ts';

/** A request as a client would send it. */
export interface ClientRequest {
  /** The public port; default 80 for http, 443 for https. */
  port?: number | undefined;
  /** Which of two ports with one number: default TCP, or UDP when the number is not open for TCP. */
  transport?: Transport | undefined;
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
  /** Whether the client shows a certificate that the server accepts, if it is asked for one. Default: true. */
  clientCertificate?: boolean | undefined;
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
  dropped: DroppedHeader[];
}

/** An address for documentation. https://www.rfc-editor.org/rfc/rfc5737 */
export const SOME_CLIENT = '192.0.2.1';

/** Stands for the random id that the edge adds to each request. */
const SOME_ID = '00000000-0000-4000-8000-000000000000';

/**
 * Changes a request as the edge does before it looks for a route.
 *
 * @param request only the authority is required
 * @param scheme the scheme of the connection
 * @param underscores what the port does with headers whose names contain an underscore
 * @returns the request as routes see it, or the response with which the edge rejects it
 */
export function arrive(
  request: ClientRequest,
  scheme: 'http' | 'https',
  underscores?: Underscores,
): Arrival | EdgeRejection {
  const { method = 'GET' } = request;
  if (!METHODS.has(method))
    return rejection(400, method === 'CONNECT' ? 'CONNECT is not served' : `HTTP/1.1 knows no method ${method}`);
  const headers = headersOf(request.headers ?? {}, underscores);
  if ('status' in headers) return headers;
  const path = withoutBlanks(request.path ?? '/');
  if (path === '*' && method === 'OPTIONS') return rejection(404, 'the path is *');
  const authority = withoutBlanks(request.authority);
  const target = targetOf(path, authority, headers.removesHost, scheme);
  if ('status' in target) return target.isLate ? forCalls(target, headers.kept) : target;
  if (target.authority === '' && versionOf(request) === '1.1')
    return forCalls(rejection(400, 'HTTP/1.1 requires a Host header'), headers.kept);
  // Envoy's parser requires it, because the body of a QUERY request contains the query.
  if (method === 'QUERY' && !headers.kept['content-type']) return rejection(400, 'QUERY needs a Content-Type');
  addOwnHeaders(headers.kept, scheme, request.clientAddress ?? SOME_CLIENT);
  const normal = normalisePath(target.path);
  return { method, authority: target.authority, ...normal, headers: headers.kept, dropped: headers.dropped };
}

/** Adapts a rejection to gRPC calls. Envoy does so once it has read all headers. */
const forCalls = (rejected: EdgeRejection, headers: Arrival['headers']): EdgeRejection => ({
  ...rejected,
  answer: responseTo({ headers }, { status: rejected.status }),
});

/** The HTTP version of a request. A request without authority has version 1.0 by default. */
const versionOf = ({ httpVersion, authority }: ClientRequest): string =>
  httpVersion ?? (withoutBlanks(authority) === '' ? '1.0' : '1.1');

/** Removes the blanks around a header value (RFC 9110 §5.5) or a request target (RFC 9112 §3). */
const withoutBlanks = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '');

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

function addOwnHeaders(headers: Record<string, string[]>, scheme: string, client: string): void {
  headers['x-forwarded-proto'] = [scheme];
  headers['x-forwarded-for'] = [[...(headers['x-forwarded-for'] ?? []), client].join(',')];
  headers['x-envoy-external-address'] = [client];
  headers['x-request-id'] = [SOME_ID];
  headers[LOOP_HEADER] = [[...(headers[LOOP_HEADER] ?? []).filter(Boolean), EDGE_NAME].join(',')];
}

/**
 * Returns the server name (SNI) that a client sends in its TLS handshake for a host.
 *
 * @param authority the Host header, with or without port
 * @returns an empty text for an IP address
 */
export function serverNameOf(authority: string): string {
  const host = canonicalHost(withoutBlanks(authority));
  return host.startsWith('[') || parseIp(host) ? '' : host;
}
