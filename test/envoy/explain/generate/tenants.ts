/**
 * Generates configurations of three tenants on one shared fleet: the owner of a shared gateway with several servers and
 * certificates, a guest that attaches routes to it, and a tenant to whose route both delegate.
 */
import fc from 'fast-check';
import type { ClientRequest } from '../../../../model/explain/explain.ts';
import { Gateway } from '../../../../model/kinds/gateway.ts';
import { Route } from '../../../../model/kinds/route.ts';
import { question, questionOf } from './requests.ts';
import { rule } from './rules.ts';
import { maybe, of } from './values.ts';

const hosts = fc.uniqueArray(of('a', 'b', '*', 'a.a', '*.a'), { minLength: 1, maxLength: 3 });
const server = fc.record({
  port: of(443, 443, 443, 80, 8080),
  hosts,
  mode: of('SIMPLE', 'SIMPLE', 'SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL'),
  certificate: of(0, 1),
  sameServerOnly: fc.oneof({ arbitrary: fc.constant(false), weight: 4 }, fc.constant(true)),
  httpsRedirect: fc.oneof({ arbitrary: fc.constant(false), weight: 5 }, fc.constant(true)),
  isShared: fc.oneof({ arbitrary: fc.constant(true), weight: 3 }, fc.constant(false)),
});
const http = fc.array(fc.record({ rule, prefix: maybe(of('/', '/a', '/b', '/1')), isDelegating: fc.boolean() }), {
  minLength: 1,
  maxLength: 3,
});
const world = fc.record({
  servers: fc.array(server, { minLength: 2, maxLength: 4 }),
  names: fc.tuple(...[0, 1].map(() => fc.uniqueArray(of('a', 'b', 'a.a', '*.a', '*'), { minLength: 1, maxLength: 4 }))),
  owner: fc.record({ hosts, http }),
  guest: fc.record({
    hosts: fc.uniqueArray(of('a', 'b', 'a.a', 'b.a', '*.a', 'c'), { minLength: 1, maxLength: 3 }),
    http,
  }),
  child: fc.array(rule, { minLength: 1, maxLength: 3 }),
});
const client = fc.record({
  question,
  port: of(443, 443, 443, 80, 8080),
  serverName: fc.oneof({ arbitrary: fc.constant(undefined), weight: 2 }, of('a', 'b', 'a.a', 'b.a', 'c', 'x.y')),
  clientCertificate: fc.boolean(),
});
type Drawn = typeof world extends fc.Arbitrary<infer W> ? W : never;
type Http = Drawn['owner']['http'];

/** A request, and whether its client shows a certificate. */
export type TenantQuestion = ClientRequest & { clientCertificate: boolean };

export interface World {
  domain: string;
  /** By tenant: the routes, and the gateways of the owner. */
  documents: Record<string, { gateways?: Record<string, Gateway>; routes: Record<string, Route> }>;
  owner: string;
  guest: string;
  /** The hosts that the guest attaches. */
  attached: string[];
  /** The DNS names of the owner's certificates. */
  certified: [string[], string[]];
  questions: TenantQuestion[];
}

/** @param asked requests per configuration */
export function worlds(count: number, asked: number, seed: number): World[] {
  const all = fc.record({ drawn: world, clients: fc.array(client, { minLength: asked, maxLength: asked }) });
  return fc.sample(all, { numRuns: count, seed }).map(({ drawn, clients }, n) => {
    const domain = `w${n}.test`;
    const within = (names: readonly string[]) => names.map((name) => `${name}.${domain}`);
    const [owner, guest, child] = [`o${n}`, `g${n}`, `k${n}`] as const;
    const seen = new Set<string>();
    const servers = drawn.servers.map((each, index) => {
      const isHttps = each.port === 443;
      // One port has each host once, so that the settings of its servers cannot contradict each other.
      const free = each.hosts.filter((host) => !seen.has(`${each.port} ${host}`));
      for (const host of free) seen.add(`${each.port} ${host}`);
      const isMutual = each.mode !== 'SIMPLE';
      const tls = isHttps
        ? {
            mode: each.mode,
            credentialName: `c${each.certificate}`,
            ...(isMutual && { caCertificates: 'clients' }),
            ...(each.sameServerOnly && !isMutual && { sameServerOnly: true }),
          }
        : each.httpsRedirect && { httpsRedirect: true };
      return {
        port: { number: each.port, name: `s${index}`, protocol: isHttps ? 'HTTPS' : 'HTTP' },
        hosts: within(free),
        ...(tls && { tls }),
        ...(each.isShared && !isMutual && { allowedRoutes: { tenants: [guest] } }),
      };
    });
    const gateway = Gateway.parse({
      selector: { ingress: 'public' },
      servers: servers.filter((each) => each.hosts.length > 0),
    });
    const marked = (tenant: string, name: string, rules: Http) =>
      rules.map(({ rule: each, prefix, isDelegating }, index) =>
        isDelegating
          ? { ...(prefix && { match: [{ uri: { pathPrefix: prefix } }] }), delegate: { route: `${child}/c` } }
          : withMark(each, `${tenant}/${name}/${index}`),
      );
    const parsed = (name: string, spec: object): Record<string, Route> => {
      const { success, data } = Route.safeParse(JSON.parse(JSON.stringify(spec)));
      return success ? { [name]: data } : {};
    };
    const guestHosts = within(drawn.guest.hosts);
    const guestRoutes = parsed('r', {
      hosts: guestHosts,
      gateways: [`${owner}/web`],
      http: marked(guest, 'r', drawn.guest.http),
    });
    return {
      domain,
      owner,
      guest,
      attached: guestRoutes.r ? guestHosts : [],
      certified: drawn.names.map(within) as World['certified'],
      documents: {
        [owner]: {
          gateways: { web: gateway },
          routes: parsed('r', {
            hosts: within(drawn.owner.hosts),
            gateways: ['web'],
            http: marked(owner, 'r', drawn.owner.http),
          }),
        },
        [guest]: { routes: guestRoutes },
        [child]: {
          routes: parsed('c', {
            parents: [`${owner}/*`, `${guest}/*`],
            http: drawn.child.map((each, index) => withMark(each, `${child}/c/${index}`)),
          }),
        },
      },
      questions: clients.map(({ question: each, port, serverName, clientCertificate }) => {
        const asked = questionOf({ ...each, base: { ...each.base, port } }, domain);
        return {
          ...asked,
          clientCertificate,
          ...(port === 443 && serverName !== undefined && { serverName: `${serverName}.${domain}` }),
        };
      }),
    };
  });
}

/** Names the rule in a response header. Conditions on gateways are left out, because they name others. */
function withMark({ match, headers, ...each }: Http[number]['rule'], mark: string): object {
  return {
    ...each,
    ...(match && { match: match.map(({ gateways: _, ...condition }: { gateways?: unknown }) => condition) }),
    headers: { ...headers, response: { ...headers.response, set: { ...headers.response?.set, 'x-rule': mark } } },
  };
}
