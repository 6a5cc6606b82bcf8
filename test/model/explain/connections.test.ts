/** Explains connections to ports that carry no requests. */
import { expect, test } from 'vitest';
import { Configuration } from '../../../model/configuration.ts';
import { explain } from '../../../model/explain/explain.ts';
import { ruleFor } from '../../../model/matching/connections.ts';
import { bySource } from '../../../model/route/sources.ts';
import type { TcpRule } from '../../../model/route/tcp.ts';
import { rangeContaining } from '../../../model/values/cidr.ts';

const fleet = {
  name: 'edge',
  labels: { ingress: 'public' },
  ports: [{ number: 5432, bind: 5432, protocol: 'POSTGRES' as const }],
};
const to = (upstream: string) => [{ destination: { upstream } }];
const configuration = Configuration.fromDocument({
  gateways: {
    db: {
      selector: { ingress: 'public' },
      servers: [{ port: { number: 5432, name: 'pg', protocol: 'POSTGRES' }, hosts: ['*'] }],
    },
  },
  routes: {
    db: {
      gateways: ['db'],
      tcp: [
        { match: [{ port: 1 }], route: to('a') },
        { match: [{ source: ['10.0.0.0/8'] }], route: to('a') },
      ],
    },
  },
  upstreams: { a: { port: 1, endpoints: [{ address: '10.0.0.1' }] } },
});

test('a port that carries connections says so, and names the rule', () => {
  const about = (clientAddress: string) =>
    explain(configuration, 'acme', fleet, { port: 5432, authority: 'db', clientAddress });
  expect(about('10.1.2.3')).toMatchObject({
    outcome: 'forwarded',
    why: 'port 5432 is POSTGRES: it carries connections, not requests; routes/db /tcp/1 forwards the connection',
    connection: {
      transport: 'tcp',
      rule: { resource: 'routes/db', path: '/tcp/1', index: 1 },
      destinations: [{ upstream: 'a', cluster: 'acme/a', weight: 1, percent: 100, endpoints: 1 }],
    },
  });
  expect(about('192.0.2.1')).toMatchObject({
    outcome: 'refused',
    why: 'port 5432 is POSTGRES: it carries connections, not requests; no rule matches the connection, so it is closed',
  });
});

test('the longest prefix chooses the same rule as the order of the rules', () => {
  const ranges = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.1.2.3', '11.0.0.0/8', '0.0.0.0/0', undefined];
  const clients = ['10.1.2.3', '10.1.2.4', '10.1.3.1', '10.2.0.1', '11.0.0.1', '12.0.0.1'];
  for (let seed = 0; seed < ranges.length ** 3; seed++) {
    const rules = [seed, Math.floor(seed / 7), Math.floor(seed / 49)].map((at): TcpRule => {
      const range = ranges[at % 7];
      return { ...(range !== undefined && { match: [{ source: [range] }] }), route: to('a') };
    });
    const chains = bySource(rules, 80);
    for (const client of clients) {
      const prefix = (range: string) => Number(range.split('/')[1] ?? 32);
      const longest = chains
        .flatMap(({ rule, sources = [] }) =>
          sources.flatMap((range) => (rangeContaining(client, [range]) ? [{ rule, length: prefix(range) }] : [])),
        )
        .sort((a, b) => b.length - a.length)[0]?.rule;
      const chosen = longest ?? chains.find(({ sources }) => sources === undefined)?.rule;
      const placed = rules.map((rule, index) => ({ route: 'r', section: 'tcp' as const, index, rule }));
      expect(chosen).toBe(ruleFor(placed, 80, client)?.rule);
    }
  }
});

test.for([
  [['0.0.0.0/0'], ['::/0']],
  [['::/0', '10.0.0.0/8'], ['0.0.0.0/0']],
  [['10.0.0.0/8'], undefined],
] as const)('after a rule for %s, a rule for all clients has the networks %s', ([source, left]) => {
  const rules: TcpRule[] = [{ match: [{ source: [...source] }], route: to('a') }, { route: to('b') }];
  expect(bySource(rules, 80)[1]).toEqual({ rule: rules[1], sources: left });
});

test('a rule after one for every network gets no connection', () => {
  const rules: TcpRule[] = [{ match: [{ source: ['0.0.0.0/0', '::/0'] }], route: to('a') }, { route: to('b') }];
  expect(bySource(rules, 80)).toHaveLength(1);
});
