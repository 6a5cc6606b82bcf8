/** A check runs only when a kind that it reads has changed, so the list of these kinds must be complete. */
import { expect, test } from 'vitest';
import { checks } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import { type Kind, kindIds } from '../../model/kinds/index.ts';
import { cases } from '../compile/case.ts';

/** The methods of a configuration by the kinds that a call reads. A method that is missing here is a type error. */
const kindsReadBy: { [M in keyof Configuration]: (...args: never[]) => readonly Kind[] } = {
  get: (kind: Kind) => [kind],
  has: (kind: Kind) => [kind],
  find: ({ kind }: { kind: Kind }) => [kind],
  info: (kind: Kind) => [kind],
  shares: (kind: Kind) => [kind],
  identity: (kind: Kind) => [kind],
  size: (kind: Kind) => [kind],
  names: (kind: Kind) => [kind],
  entries: (kind: Kind) => [kind],
  with: () => kindIds,
  without: () => kindIds,
  change: () => kindIds,
  document: () => kindIds,
};

/** The same configuration, which notes the kinds that are read from it. */
const observed = (configuration: Configuration, read: Set<Kind>): Configuration =>
  new Proxy(configuration, {
    get(target, member) {
      const kindsOf = kindsReadBy[member as keyof Configuration];
      const method = target[member as keyof Configuration] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        for (const kind of kindsOf(...(args as never[]))) read.add(kind);
        return method.apply(target, args);
      };
    },
  });

const server = { port: { number: 443, name: 'h', protocol: 'HTTPS' }, hosts: ['a.test', '*.a.test'] };
/** With something for every check: a certificate, equal hosts in two gateways, references that dangle, and subsets. */
const odd = Configuration.fromDocument({
  gateways: {
    g: {
      selector: { ingress: 'public' },
      servers: [
        { ...server, tls: { mode: 'SIMPLE', credentialName: 'c' } },
        { ...server, hosts: ['p.test'], tls: { mode: 'SIMPLE', credentialNames: ['c', 'none'] } },
        { ...server, hosts: ['q.test'], tls: { mode: 'PASSTHROUGH' } },
      ],
    },
    h: {
      selector: {},
      servers: [{ ...server, escapedSlashes: 'keep', tls: { mode: 'SIMPLE', credentialName: 'none' } }],
    },
  },
  routes: {
    passed: { hosts: ['a.test'], gateways: ['g'], tls: [{ match: [{ sniHosts: ['a.test'] }], route: [] }] },
    r: {
      hosts: ['a.test', 'b.test'],
      gateways: ['g', 'h', 'none'],
      http: [
        { match: [{ uri: { prefix: '/a/' } }], route: [{ destination: { upstream: 'u', subset: 'v3', port: 1 } }] },
        { route: [{ destination: { upstream: 'none' } }] },
        { directResponse: { status: 200 } },
      ],
    },
    s: { hosts: ['a.test'], gateways: ['h'], http: [{ directResponse: { status: 200 } }] },
  },
  upstreams: { u: { port: 80, endpoints: [], subsets: [{ name: 'v1', labels: { v: '1' } }] } },
  certificates: { c: { certificateChain: '' } },
} as never);

test.each(checks.map((each) => [each.check.name, each] as const))('%s reads the kinds that it says', (_, each) => {
  const read = new Set<Kind>();
  for (const configuration of [odd, ...cases().map((one) => one.configuration)])
    for (const _step of each.check(observed(configuration, read), { errors: [], warnings: [] }, {}));
  expect([...read].sort()).toEqual([...each.reads].sort());
});
