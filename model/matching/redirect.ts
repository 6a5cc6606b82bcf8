/** Computes the URL to which a rule redirects a request. `explain` and Envoy's routes share this code. */
import { MESH_PORT } from '../binding/mesh.ts';
import type { Match } from '../route/match.ts';
import type { Redirect } from '../route/redirect.ts';
import type { HostPattern } from '../values/host.ts';
import { isSecured, type Protocol } from '../values/protocol.ts';
import { type PathRewrite, rewriteOf } from './path-rewrite.ts';

/** The place at which a request arrived: a port as gateways name it, and the host pattern of a scope. */
export interface ArrivedAt {
  port: number;
  protocol: Protocol;
  host: HostPattern;
}

/** The parts of the URL of a redirect. */
export interface RedirectTarget {
  scheme: 'http' | 'https';
  /** Undefined: the host of the request, without its port. */
  host: string | undefined;
  /** With its colon; empty for the well-known port of the scheme. */
  port: string;
  /** Undefined: the path of the request. */
  path: PathRewrite | undefined;
}

const WELL_KNOWN = { http: 80, https: 443 } as const;

/**
 * Computes the target of a redirect by the rules of the Gateway API: the port is the given one, or the well-known port
 * of the given scheme, or the port of the server. In the mesh, which has no servers, it is 80. The well-known port of a scheme is not written.
 * https://gateway-api.sigs.k8s.io/reference/spec/#httprequestredirectfilter
 *
 * @param condition the condition that the request matched
 * @example redirectTarget({ scheme: 'https' }, {}, { port: 8080, protocol: 'HTTP', host: 'a.example' })
 *   // { scheme: 'https', host: 'a.example', port: '', path: undefined }
 */
export function redirectTarget(redirect: Redirect, condition: Match, at: ArrivedAt): RedirectTarget {
  const scheme = redirect.scheme ?? (isSecured[at.protocol] ? 'https' : 'http');
  const [, named, ownPort] = /^(.*?)(?::(\d+))?$/.exec(redirect.authority ?? '')!;
  const port =
    redirect.port ??
    (ownPort === undefined ? undefined : Number(ownPort)) ??
    (redirect.scheme === undefined && at.port !== MESH_PORT ? at.port : WELL_KNOWN[scheme]);
  return {
    scheme,
    host: named || (at.host.startsWith('*') ? undefined : at.host),
    port: port === WELL_KNOWN[scheme] ? '' : `:${port}`,
    path: rewriteOf({ redirect }, condition),
  };
}

/** Returns the host of an authority: the text before the first colon outside brackets. Envoy's routes do the same. */
export const hostOfAuthority = (authority: string): string => /^(?:\[[^\]]*\]|[^:]*)/.exec(authority)![0];
