import { describe, expect, test } from 'vitest';
import { scopeTable } from '../../model/binding/scope-table.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { rulesFor } from '../../model/matching/precedence.ts';

const fleet: Fleet = {
  name: 'public',
  labels: { ingress: 'public' },
  ports: [
    { number: 80, bind: 8080, protocol: 'HTTP' },
    { number: 8080, bind: 8081, protocol: 'HTTP' },
  ],
};

const server = (name: string, number: number, ...hosts: string[]) => ({
  port: { number, name, protocol: 'HTTP' as const },
  hosts,
});
const gateway = (...servers: ReturnType<typeof server>[]) => ({ selector: { ingress: 'public' }, servers });
const route = (hosts: string[], ...gateways: string[]) => ({
  hosts,
  gateways,
  http: [{ directResponse: { status: 200 } }],
});

describe('the server through which a route is bound', () => {
  const configuration = Configuration.fromDocument({
    gateways: {
      a: gateway(server('other', 8080, '*.x.io'), server('http', 80, '*.x.io')),
      b: gateway(server('http', 80, 'a.x.io', '*.x.io')),
      c: gateway(server('http', 80, 'a.x.io')),
    },
    routes: {
      both: route(['*.x.io'], 'b', 'a'),
      exact: route(['a.x.io'], 'c', 'b'),
      wild: route(['*.x.io'], 'a'),
    },
  });
  const bound = (port: number, host: string) => scopeTable(configuration, 'acme', fleet).scopeFor(port, host)?.bound;

  test('lists the most specific pattern; of several gateways, the first by name counts', () => {
    expect(bound(80, 'a.x.io')).toEqual([
      { route: 'exact', through: { gateway: 'b', server: 0 } },
      { route: 'both', through: { gateway: 'b', server: 0 } },
    ]);
  });

  test('belongs to the port of the request', () => {
    expect(bound(80, 'b.x.io')).toEqual([
      { route: 'both', through: { gateway: 'a', server: 1 } },
      { route: 'wild', through: { gateway: 'a', server: 1 } },
    ]);
    expect(bound(8080, 'b.x.io')).toEqual([
      { route: 'both', through: { gateway: 'a', server: 0 } },
      { route: 'wild', through: { gateway: 'a', server: 0 } },
    ]);
  });

  test('is part of each ranked rule', () => {
    const scope = scopeTable(configuration, 'acme', fleet).scopeFor(80, 'b.x.io')!;
    expect(rulesFor(configuration, scope).map(({ route, through }) => [route, through])).toEqual([
      ['both', { gateway: 'a', server: 1 }],
    ]);
  });

  test('is listed in the admission of the scope', () => {
    const scope = scopeTable(configuration, 'acme', fleet).scopeFor(80, 'b.x.io')!;
    expect([scope.protocol, scope.admission.host]).toEqual(['HTTP', '*.x.io']);
    expect([...scope.admission.servers.values()]).toEqual([
      { gateway: 'a', server: 1 },
      { gateway: 'b', server: 0 },
    ]);
  });
});
