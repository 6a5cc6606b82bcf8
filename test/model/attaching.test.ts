/** Which hosts of a tenant the servers of another tenant admit, and how many servers are looked at for it. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { OwnerGateways } from '../../model/binding/shared-gateway.ts';
import { Configuration } from '../../model/configuration.ts';
import { covers, patternsCovering } from '../../model/values/host.ts';
import { carries } from '../../model/values/labels.ts';

interface Opened {
  selector: Record<string, string>;
  number: number;
  hosts: string[];
  isShared: boolean;
}

const ownerOf = (servers: readonly Opened[]) =>
  Configuration.fromDocument({
    gateways: Object.fromEntries(
      servers.map(({ selector, number, hosts, isShared }, index) => [
        `g${index}`,
        {
          selector,
          servers: [
            {
              port: { number, name: 'http', protocol: 'HTTP' as const },
              hosts,
              ...(isShared && { allowedRoutes: { tenants: ['beta'] } }),
            },
          ],
        },
      ]),
    ),
  });

const admittedBy = (owner: Configuration, hosts: readonly string[]) =>
  Object.fromEntries(
    new OwnerGateways(owner, 'acme')
      .for('beta', hosts)
      .map(([name, { servers }]) => [name, servers.flatMap((each) => each.hosts)]),
  );

test('a server admits a host if no server beside it has a more specific host that covers it', () => {
  const pattern = fc.constantFrom<string[]>(
    '*',
    '*.test',
    '*.a.test',
    'b.a.test',
    '*.b.a.test',
    'c.b.a.test',
    'x.test',
  );
  const opened = fc.record({
    selector: fc.constantFrom({ a: '1' }, { a: '1', b: '1' }, { a: '2' }),
    number: fc.constantFrom(80, 81),
    hosts: fc.uniqueArray(pattern, { minLength: 1, maxLength: 3 }),
    isShared: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(opened, { maxLength: 5 }), fc.uniqueArray(pattern), (servers, hosts) => {
      const expected = servers.flatMap((server, index) => {
        if (!server.isShared) return [];
        const beside = servers.filter(
          (each) => each.number === server.number && carries(server.selector, each.selector),
        );
        const admitted = hosts.filter((host) => {
          const nearest = [...patternsCovering(host)].find((above) =>
            beside.some((each) => each.hosts.includes(above)),
          );
          return nearest !== undefined && covers(nearest, host) && server.hosts.includes(nearest);
        });
        return [[`acme/g${index}`, admitted] as const];
      });
      expect(admittedBy(ownerOf(servers), hosts)).toEqual(Object.fromEntries(expected));
    }),
    { numRuns: 500, seed: 1 },
  );
});

const open = { selector: { a: '1' }, number: 80, isShared: true };
const names = (count: number, below: string) => Array.from({ length: count }, (_, i) => `h${i}.${below}`);

test('a host is compared with the servers that may admit it, not with all', () => {
  const owner = ownerOf(names(500, 'a.test').map((host) => ({ ...open, hosts: [host] })));
  const get = vi.spyOn(Map.prototype, 'get');
  admittedBy(owner, names(1_000, 'b.test'));
  const looks = get.mock.calls.length;
  get.mockRestore();
  expect(looks).toBeLessThan(20_000);
});

test('the number of hosts that servers admit has a limit', () => {
  const owner = ownerOf(Array.from({ length: 60 }, () => ({ ...open, hosts: ['*'] })));
  const admitted = Object.values(admittedBy(owner, names(10_000, 'b.test')));
  expect(admitted.flat()).toHaveLength(500_000);
});
