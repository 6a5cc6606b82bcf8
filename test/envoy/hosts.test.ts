/**
 * Exact hosts beside wildcards, over gateways and routes: `explain` and a real Envoy agree on generated configurations.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WholeConfiguration } from '../../model/configuration.ts';
import { explain } from '../../model/explain/explain.ts';
import type { Rule } from '../../model/route/rule.ts';
import { ask } from './ask.ts';
import { TENANT } from './compiled-edge.ts';
import { type Served, serving } from './edge.ts';

const SAMPLES = 80;
const SEED = 14;

const patterns = fc.uniqueArray(fc.constantFrom('a', 'b', '*', 'a.a', '*.a', 'b.a'), { minLength: 1, maxLength: 4 });
const sample = fc.record({
  gateways: fc.tuple(patterns, patterns),
  routes: fc.array(
    fc.record({
      hosts: patterns,
      gateways: fc.subarray(['g', 'h'], { minLength: 1 }),
      path: fc.constantFrom(undefined, '/only'),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/** Every sample has its own domain, so one Envoy serves all of them independently. */
const domain = (n: number) => `s${n}.test`;
const asked = [
  ...['a', 'b', 'c', 'a.a', 'b.a', 'c.a', 'c.c', 'A.a', 'B'],
  // About the depth below a wildcard up to which hosts are found.
  ...['5.4.3.2.c', '6.5.4.3.2.c', '7.6.5.4.3.2.c', '6.5.4.3.2.a', '7.6.5.4.3.2.a', '8.7.6.5.4.3.2.a', '6.5.4.3.C'],
];

const say = (body: string, path?: string): Rule => ({
  ...(path && { match: [{ uri: { pathPrefix: path } }] }),
  directResponse: { status: 200, body },
});

let served: Served;
beforeAll(async () => {
  const document = { gateways: {}, routes: {} } as Pick<WholeConfiguration, 'gateways' | 'routes'>;
  fc.sample(sample, { numRuns: SAMPLES, seed: SEED }).forEach(({ gateways, routes }, n) => {
    const within = (hosts: string[]) => hosts.map((host) => `${host}.${domain(n)}`);
    gateways.forEach((hosts, index) => {
      document.gateways[`${'gh'[index]}${n}`] = {
        selector: { ingress: 'public' },
        servers: [
          { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: within(hosts) },
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            // In reverse, so that the two ports admit different hosts.
            hosts: within(gateways[1 - index]!),
            tls: { mode: 'SIMPLE', credentialName: 'any' },
          },
        ],
      };
    });
    routes.forEach(({ hosts, gateways: names, path }, index) => {
      document.routes[`r${index}-${n}`] = {
        hosts: within(hosts),
        gateways: names.map((name) => `${name}${n}`),
        http: [say(`r${index}`, path)],
      };
    });
  });
  served = await serving(document, { any: ['any.test'] });
});
afterAll(() => served?.edge.close());

test.each(['http', 'https'] as const)('explain and Envoy give the same result over %s', async (scheme) => {
  const { configuration, fleet, ports, edge } = served;
  const port = scheme === 'http' ? 80 : 443;
  for (let n = 0; n < SAMPLES; n++) {
    const hosts = asked.map((host) => `${host}.${domain(n)}`);
    await Promise.all(
      hosts.map(async (host) => {
        for (const path of ['/', '/only/x']) {
          const answer = explain(configuration, TENANT, fleet, { authority: host, path, scheme });
          const expected =
            answer.outcome === 'matched'
              ? [200, answer.rule.spec.directResponse!.body]
              : [404, (answer.outcome === 'not-found' && answer.answer.body) || ''];
          const options = { port: ports[scheme], path, headers: { host }, servername: host, rejectUnauthorized: false };
          const got = await ask(options, scheme === 'https').then(
            ({ status, body }) => [status, body],
            // A name that no server admits has no certificate.
            () => (answer.outcome === 'matched' ? 'no connection' : expected),
          );
          expect(got, `${host}:${port}${path}`).toEqual(expected);
        }
      }),
    );
  }
  expect(edge.nacks).toEqual([]);
});
