/** Generates configurations for connections and datagrams, and clients of them. */
import fc from 'fast-check';
import { check } from '../../../model/check/index.ts';
import { Configuration, type ConfigurationDocument } from '../../../model/configuration.ts';
import { Gateway } from '../../../model/kinds/gateway.ts';
import { Route } from '../../../model/kinds/route.ts';

/** The ports that all tenants share. */
export const SHARED = { https: 443, tls: 8883 } as const;
/** The own ports of a tenant: two for TCP, and one for UDP that may have the number of the first one. */
export const ownPorts = (n: number) => ({
  one: 10_000 + 3 * n,
  two: 10_001 + 3 * n,
  udp: (n % 2 === 0 ? 10_000 : 10_002) + 3 * n,
});

/** Upstreams of every tenant. The last two get no connections. */
export const LIVE = Array.from({ length: 12 }, (_, index) => `u${index}`);
export const DENIED = 'denied';
export const NAMED = 'named';
export const DENIED_ADDRESS = '127.0.0.9';

export interface Client {
  port: number;
  kind: 'tcp' | 'tls' | 'udp';
  /** The server name, and the host of the request. */
  name: string;
  clientAddress: string;
  hasCertificate: boolean;
}

export interface ConnectionSample {
  tenant: string;
  document: ConfigurationDocument;
  clients: Client[];
}

const of = fc.constantFrom;
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const PORT = ['one', 'two', 'udp', 'https', 'tls'] as const;
const HOSTS = ['', '*.', 'a.', '*.a.', 'b.a.', 'b.', 'u0.', 'v1.u1.'] as const;
const hosts = fc.uniqueArray(of(...HOSTS, '*.'), { minLength: 1, maxLength: 3 });
const server = fc.record({
  port: of(...PORT, 'tls', 'https'),
  hosts,
  protocol: of('TCP', 'REDIS', 'MYSQL', 'POSTGRES', 'MONGO'),
  /** On a port for HTTPS: whether requests are read. */
  isHttps: fc.boolean(),
  mode: of('SIMPLE', 'SIMPLE', 'SIMPLE', 'PASSTHROUGH', 'PASSTHROUGH', 'AUTO_PASSTHROUGH', 'MUTUAL', 'OPTIONAL_MUTUAL'),
  everyHost: fc.boolean(),
});
const sources = fc.uniqueArray(
  of('127.0.0.0/8', '127.0.0.0/8', '127.0.0.1', '127.0.0.2/31', '127.0.0.0/30', '127.1.0.0/16', '::/0', '0.0.0.0/0'),
  { minLength: 1, maxLength: 3 },
);
const rarely = <T>(value: fc.Arbitrary<T>) => fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, value);
const match = fc.record({ port: rarely(of(...PORT)), source: maybe(sources) });
const rule = fc.record({
  match: maybe(fc.array(match, { minLength: 1, maxLength: 2 })),
  /** Each rule has its own upstreams, so that the upstream that answers names the rule. */
  to: of('one', 'one', 'one', 'both', 'both', 'weightless', 'some-denied', 'denied'),
});
const tlsRule = fc.record({ names: hosts, port: rarely(of('https', 'tls')), to: rule.map(({ to }) => to) });
const route = fc.record({
  hosts: maybe(fc.oneof(hosts, fc.constant(['', '*.'] as const))),
  gateways: fc.uniqueArray(of('g0', 'g0', 'g1', 'g0:s0', 'g0:s1', 'g1:s0', 'g1:s2'), { minLength: 1, maxLength: 3 }),
  tcp: maybe(fc.array(rule, { minLength: 1, maxLength: 3 })),
  udp: maybe(fc.array(rule, { minLength: 1, maxLength: 3 })),
  tls: maybe(fc.array(tlsRule, { minLength: 1, maxLength: 3 })),
  http: maybe(fc.constant(true)),
});
const configuration = fc.record({
  gateways: fc.tuple(
    fc.array(server, { minLength: 2, maxLength: 4 }),
    fc.array(server, { minLength: 1, maxLength: 4 }),
  ),
  routes: fc.array(route, { minLength: 1, maxLength: 3 }),
});
const label = of('a.', 'b.', 'c.', 'b.a.', 'c.c.', 'A.', 'u0.', 'v1.u1.', 'u1.', `${DENIED}.`, `${NAMED}.`);
/** Most clients ask for what a server of the configuration admits. */
const client = fc.record({
  pick: fc.nat(),
  label,
  other: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 3 },
    { arbitrary: fc.record({ port: of(...PORT), name: fc.oneof(label, of('', 'none')) }), weight: 1 },
  ),
  clientAddress: of('127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.8', '127.1.0.1'),
  hasCertificate: fc.boolean(),
});
type ClientDrawn = typeof client extends fc.Arbitrary<infer C> ? C : never;
type RuleDrawn = typeof rule extends fc.Arbitrary<infer R> ? R : never;
type Drawn = typeof configuration extends fc.Arbitrary<infer C> ? C : never;

/**
 * Draws configurations that the API accepts. Those of which most clients would get nothing are left out.
 *
 * @param asked clients per configuration
 */
export function connectionSamples(
  count: number,
  asked: number,
  seed: number,
  given: Pick<ConfigurationDocument, 'certificates' | 'trustBundles'>,
  upstreams: ConfigurationDocument['upstreams'],
): ConnectionSample[] {
  const all = fc.record({ drawn: configuration, clients: fc.array(client, { minLength: asked, maxLength: asked }) });
  const found: ConnectionSample[] = [];
  for (const { drawn, clients } of fc.sample(all, { numRuns: count * 40, seed })) {
    const n = found.length;
    if (n === count) return found;
    const document = documentOf(drawn, n, { ...given, upstreams });
    if (!document || check(Configuration.fromDocument(document)).errors.length > 0) continue;
    found.push({ tenant: `t${n}`, document, clients: clients.map((each) => clientOf(each, n, document)) });
  }
  if (found.length < count) throw new Error(`only ${found.length} of ${count} configurations are valid`);
  return found;
}

export const domainOf = (n: number): string => `s${n}.test`;
const within = (names: readonly string[], n: number) => names.map((name) => name + domainOf(n));

function documentOf(
  { gateways, routes }: Drawn,
  n: number,
  given: ConfigurationDocument,
): ConfigurationDocument | undefined {
  const number = (port: (typeof PORT)[number]) => ({ ...ownPorts(n), ...SHARED })[port];
  const protocols = { one: gateways[0][0]!.protocol, two: gateways[0][1]!.protocol, udp: 'UDP' };
  const written = gateways.map((servers, index) => [
    `g${index}`,
    Gateway.safeParse({
      selector: { ingress: 'public' },
      servers: servers.map(({ port, hosts: names, isHttps, mode, everyHost }, at) => {
        const isShared = port === 'https' || port === 'tls';
        const protocol = port === 'https' && isHttps ? 'HTTPS' : isShared ? 'TLS' : protocols[port];
        const passes = /PASSTHROUGH/.test(mode);
        const tls = {
          // A server that reads requests does not pass connections through to the upstream that the name names.
          mode: protocol === 'HTTPS' && mode === 'AUTO_PASSTHROUGH' ? 'PASSTHROUGH' : mode,
          ...(!passes && { credentialName: 'any' }),
          ...(/MUTUAL/.test(mode) && { caCertificates: 'clients' }),
        };
        return {
          port: { number: number(port), name: `s${at}`, protocol },
          hosts: !isShared && everyHost ? ['*'] : within(names, n),
          ...(isShared && { tls }),
        };
      }),
    }),
  ]) as [string, ReturnType<typeof Gateway.safeParse>][];
  if (written.some(([, { success }]) => !success)) return undefined;
  let next = 0;
  const section = <R extends { to: string }>(rules: R[] | undefined, spec: (rule: R) => object, isSingle = false) =>
    rules?.map((each) => ({ ...spec(each), route: routeOf(each.to, next++, isSingle) }));
  const conditions = ({ match: all }: Pick<RuleDrawn, 'match'>) =>
    all ? { match: all.map(({ port, ...rest }) => ({ ...rest, ...(port && { port: number(port) }) })) } : {};
  const bound = routes.map((each, index) => {
    const spec = {
      ...(each.hosts && { hosts: within(each.hosts, n) }),
      gateways: each.gateways,
      tcp: section(each.tcp, conditions),
      udp: section(each.udp, conditions, true),
      tls:
        each.hosts &&
        section(each.tls, ({ names, port }) => ({
          match: [{ sniHosts: within(names, n), ...(port && { port: number(port) }) }],
        })),
      http: each.hosts && each.http ? [{ directResponse: { status: 222 } }] : undefined,
    };
    return [`r${index}`, Route.safeParse(JSON.parse(JSON.stringify(spec)))] as const;
  });
  const parsed = bound.flatMap(([name, { success, data }]) => (success ? [[name, data] as const] : []));
  if (parsed.length === 0 || next > LIVE.length / 2) return undefined;
  return {
    ...given,
    gateways: Object.fromEntries(written.map(([name, { data }]) => [name, data!])),
    routes: Object.fromEntries(parsed),
  };
}

function routeOf(to: string, index: number, isSingle: boolean) {
  const destination = (upstream: string, weight?: number) => ({
    destination: { upstream },
    ...(weight !== undefined && { weight }),
  });
  const [one, other] = [LIVE[(2 * index) % LIVE.length]!, LIVE[(2 * index + 1) % LIVE.length]!];
  if (to === 'denied') return [destination(DENIED)];
  if (isSingle || to === 'one') return [destination(one)];
  if (to === 'some-denied') return [destination(one, 1), destination(DENIED, 1)];
  return [destination(one, to === 'weightless' ? 0 : 50), destination(other, 50)];
}

function clientOf(
  { pick, label: first, other, clientAddress, hasCertificate }: ClientDrawn,
  n: number,
  { gateways = {} }: ConfigurationDocument,
): Client {
  const servers = Object.values(gateways).flatMap((gateway) => gateway.servers);
  const { port: opened, hosts: admitted } = servers[pick % servers.length]!;
  const port = other ? { ...ownPorts(n), ...SHARED }[other.port] : opened.number;
  const isUdp = other ? other.port === 'udp' : opened.protocol === 'UDP';
  const kind = isUdp ? 'udp' : port === SHARED.https || port === SHARED.tls ? 'tls' : 'tcp';
  const found = admitted[pick % admitted.length]!;
  const named = found.replace('*.', first).replace('*', domainOf(n));
  // On a port for HTTPS, requests without a server name depend on the certificate, which only the API has read.
  const isNameless = other?.name === 'none' && port === SHARED.tls;
  const name = isNameless ? '' : other ? other.name.replace('none', '') + domainOf(n) : named;
  return { port, kind, name, clientAddress, hasCertificate };
}
