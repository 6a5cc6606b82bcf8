import { z } from 'zod';
import { policies } from '../policies/index.ts';
import { Parents } from '../route/delegate.ts';
import { destinationsOf, type RouteSections } from '../route/destinations.ts';
import { boundPatterns } from '../route/patterns.ts';
import { Rule } from '../route/rule.ts';
import { TcpRule } from '../route/tcp.ts';
import { TlsRule } from '../route/tls.ts';
import { UdpRule } from '../route/udp.ts';
import { covers, HostPattern } from '../values/host.ts';
import { hostWeight } from '../values/host-weight.ts';
import { Labels } from '../values/labels.ts';
import { enumerate, quote } from '../values/quote.ts';
import { GatewayReference, MESH, parseBinding, parseReference } from '../values/reference.ts';
import { isObject } from '../values/refine.ts';
import { sparse } from '../values/sparse.ts';
import { type Counted, define, type ReferencePlace } from './definition.ts';

export const Route = z
  .preprocess(
    (route, context) => boundToMesh(boundPatterns(route, context)),
    sparse.strictObject(
      {
        labels: Labels.optional(),
        hosts: z
          .array(HostPattern)
          .min(1)
          .max(256)
          .optional()
          .describe(
            'Served where they intersect with the hosts of the gateways. Rules of a route with a more specific host are tried first; what they leave goes to the routes of wider ones. All routes of a tenant name at most 50,000 hosts, unless the operator sets another limit; a host counts once for each five labels that it has. May be absent in a route without `http` and `tls`.',
          ),
        gateways: z
          .array(GatewayReference)
          .min(1)
          .max(32)
          .optional()
          .describe(
            'Gateways of the same tenant, and shared gateways of other tenants as `tenant/name`. With `:portName`, the route is bound only to the server of the gateway whose port has this name. `mesh` stands for the sidecars and the proxyless gRPC clients of the tenant, which serve `http` only. Default: `mesh` alone, except in a route with `parents`.',
          ),
        parents: Parents.optional(),
        ...policies,
        order: z
          .enum(['written', 'specific'])
          .optional()
          .describe(
            'How the conditions of `http` are tried. `written` (default): in the order of the list. `specific`: the most specific first, by the precedence of the Gateway API: exact path, pattern, longest prefix, a method, the number of headers (with cookies, authority, scheme and source), the number of query parameters, then the name of the route and the order of the list. Routes of specific order that name the same host are sorted together, after the routes of written order that name it.',
          ),
        http: z
          .array(Rule)
          .min(1)
          .max(512)
          .optional()
          .describe('In order, unless `order` is `specific`: the first rule that matches serves the request.'),
        tls: z
          .array(TlsRule)
          .min(1)
          .max(512)
          .optional()
          .describe(
            'For connections to servers with the TLS mode PASSTHROUGH, and for decrypted connections to TLS servers, by server name.',
          ),
        tcp: z
          .array(TcpRule)
          .min(1)
          .max(64)
          .optional()
          .describe(
            'For connections to TCP, MONGO, MYSQL, POSTGRES and REDIS servers, and for decrypted connections to TLS servers whose name no `tls` rule matches. In order: the first rule that matches serves the connection; without one, it is closed.',
          ),
        udp: z
          .array(UdpRule)
          .min(1)
          .max(64)
          .optional()
          .describe('For datagrams to UDP servers. In order: the first rule that matches serves the datagram.'),
      },
      checkSections,
      checkMatchedGateways,
    ),
  )
  .meta({
    id: 'Route',
    description: 'Shows the way: matches requests for its hosts and sends them to upstreams.',
    example: {
      hosts: ['shop.example.com'],
      gateways: ['reviews'],
      http: [{ match: [{ uri: { pathPrefix: '/reviews' } }], route: [{ destination: { upstream: 'reviews' } }] }],
    },
  });
export type Route = z.infer<typeof Route>;

/** Returns the gateways that a route names, and `mesh`. A route with `parents` names none. */
export const gatewaysOf = ({ gateways = [] }: Pick<Route, 'gateways'>): readonly string[] => gateways;

/** The same without `mesh`. */
export const edgeGatewaysOf = (route: Pick<Route, 'gateways'>): readonly string[] =>
  gatewaysOf(route).filter((text) => text !== MESH);

/** The fields of a route that are lists of rules. */
type Section = {
  [F in keyof Route]-?: NonNullable<Route[F]> extends readonly object[] ? F : never;
}[keyof Route];
/** With this type, TypeScript reports a section that `destinationsOf` does not read, at its call below. */
type EverySectionIsRead = Partial<Record<Exclude<Section, keyof RouteSections>, never>>;

export const route = define({
  id: 'route',
  plural: 'routes',
  title: 'Route',
  summary: 'Show the way: match, rewrite, destination.',
  schema: Route,
  input: Route,
  refersTo: {
    gateway: (spec) => [
      ...gatewaysOf(spec).flatMap((text, index) => (text === MESH ? [] : gatewayAt(text, `/gateways/${index}`))),
      ...serversMatched(spec),
    ],
    upstream: (spec) =>
      destinationsOf(spec satisfies EverySectionIsRead).map(({ upstream, path }) => ({
        ...upstream,
        path: `${path}/upstream`,
      })),
  },
  delivery: 'always',
  secrets: {},
  hosts,
  *counts(spec): Generator<Counted> {
    for (const [host, path] of hosts(spec)) yield [hostWeight(host), path];
  },
});

function gatewayAt(text: string, path: string): ReferencePlace {
  const { gateway, portName } = parseBinding(text);
  return { ...parseReference(gateway), ...(portName !== undefined && { portName }), path };
}

/** Lists the conditions that name a server of a gateway to which the route is bound. */
function serversMatched({ gateways = [], http = [] }: Route): ReferencePlace[] {
  const all: ReferencePlace[] = [];
  for (let rule = 0; rule < http.length; rule++) {
    const { match = [] } = http[rule]!;
    for (let index = 0; index < match.length; index++)
      for (const [at, text] of match[index]!.gateways?.entries() ?? [])
        if (!gateways.includes(text)) all.push(gatewayAt(text, `/http/${rule}/match/${index}/gateways/${at}`));
  }
  return all;
}

/**
 * Reports a condition that names a gateway to which the route is not bound. It may name a server of a gateway to which
 * the route is bound. The route may have any shape.
 */
function checkMatchedGateways(route: { gateways?: unknown; http?: unknown }, context: z.RefinementCtx): void {
  const gateways = Array.isArray(route.gateways) ? route.gateways : [];
  const rules = list(route.http);
  for (let rule = 0; rule < rules.length; rule++) {
    const spec = rules[rule];
    const conditions = list(isObject(spec) && spec.match);
    for (let match = 0; match < conditions.length; match++) {
      const condition = conditions[match];
      if (!isObject(condition) || condition.gateways === undefined) continue;
      for (const [index, gateway] of list(condition.gateways).entries())
        if (
          typeof gateway === 'string' &&
          !gateways.includes(gateway) &&
          !gateways.includes(parseBinding(gateway).gateway)
        )
          context.addIssue({
            code: 'custom',
            path: ['http', rule, 'match', match, 'gateways', index],
            message: `the route is not bound to ${quote(gateway)}; ${gateways.length > 0 ? `its gateways are ${enumerate(gateways.map(String))}` : 'it names no gateways'}`,
            params: { code: 'unknown-gateway' },
          });
    }
  }
}

const NONE: readonly unknown[] = [];
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : NONE);

const Hosts = z.array(HostPattern);
const TlsRules = z.array(TlsRule);

/**
 * Reports a route without rules, a missing `hosts` of rules that need it, and server names that the route's hosts do
 * not cover. Input may have any shape.
 */
function checkSections(route: Record<string, unknown>, context: z.RefinementCtx): void {
  const { hosts, gateways, parents, http, tls, tcp, udp, order } = route;
  const report = (path: (string | number)[], code: string, message: string) =>
    context.addIssue({ code: 'custom', path, message, params: { code } });
  if (order !== undefined && http === undefined) report(['order'], 'without-effect', 'has no meaning without http');
  if ([http, tls, tcp, udp].every((section) => section === undefined))
    report(['http'], 'required', 'is required, unless the route has tls, tcp or udp');
  if (parents !== undefined) {
    for (const [field, value] of Object.entries({ hosts, gateways, tls, tcp, udp }))
      if (value !== undefined)
        report([field], 'without-effect', 'has no meaning with parents: the route gets requests from its parents only');
    return;
  }
  checkMesh(route, report);
  if (hosts === undefined && (http !== undefined || tls !== undefined))
    report(['hosts'], 'required', 'is required for http and tls: the hosts of the requests, and the server names');
  if (tls === undefined) return;
  const own = Hosts.safeParse(hosts).data;
  const rules = TlsRules.safeParse(tls).data;
  if (!own || !rules) return;
  for (const [rule, { match }] of rules.entries())
    for (const [index, { sniHosts }] of match.entries())
      for (const [at, name] of sniHosts.entries())
        if (!own.some((host) => covers(host, name)))
          report(['tls', rule, 'match', index, 'sniHosts', at], 'not-a-host', `no host of the route covers ${name}`);
}

/** Binds a route without `gateways` to the mesh. The route may have any shape. */
const boundToMesh = (route: unknown): unknown =>
  isObject(route) && route.gateways === undefined && route.parents === undefined
    ? { ...route, gateways: [MESH] }
    : route;

/** Reports what cannot be served in the mesh. The route may have any shape. */
function checkMesh(
  { hosts, gateways, http }: Record<string, unknown>,
  report: (path: (string | number)[], code: string, message: string) => void,
): void {
  for (const [index, text] of list(gateways).entries())
    if (typeof text === 'string' && text.startsWith(`${MESH}:`))
      report(['gateways', index], 'unknown-port-name', '`mesh` has no ports');
  if (!list(gateways).includes(MESH)) return;
  if (http === undefined)
    report(['gateways'], 'required', 'must name gateways: `mesh`, which is the default, serves only http');
  for (const [index, host] of list(hosts).entries())
    if (host === '*')
      report(['hosts', index], 'wildcard-in-mesh', '`*` would match every host of the mesh: name hosts');
}

function* hosts({ hosts = [] }: Route): Generator<[host: HostPattern, path: string]> {
  for (const [index, host] of hosts.entries()) yield [host, `/hosts/${index}`];
}
