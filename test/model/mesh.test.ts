import { describe, expect, test } from 'vitest';
import { routeConfiguration } from '../../dataplane/compile/index.ts';
import { scopeTable } from '../../model/binding/scope-table.ts';
import { isAllServed, servingOf } from '../../model/binding/serving.ts';
import { checkOnFleets, routesWithoutFleet } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { Route } from '../../model/kinds/route.ts';
import { withoutPauses } from '../../model/pausable.ts';

const shared: Fleet = { name: 'edge', labels: {}, ports: [{ number: 80, bind: 80, protocol: 'HTTP' }] };
const own: Fleet = { ...shared, name: 'own', tenant: 'acme', denyDestinations: ['127.0.0.0/8'] };
const foreign: Fleet = { ...own, name: 'foreign', tenant: 'rival' };
const route = (http: Route['http']): Route => Route.parse({ hosts: ['app.local'], http });
const configuration = Configuration.of([
  {
    kind: 'route',
    name: 'app',
    spec: route([
      { match: [{ uri: { exact: '/never' }, port: 80 }], directResponse: { status: 204 } },
      { match: [{ uri: { exact: '/moved' }, gateways: ['mesh'] }], redirect: { uri: '/here' } },
      { directResponse: { status: 200 } },
    ]),
  },
]);
const hostsOn = (fleet: Fleet) => [...scopeTable(configuration, 'acme', fleet).envoyScopes()];

describe('the mesh of a tenant', () => {
  test('is served by fleets of this tenant alone', () => {
    expect(hostsOn(own)).toEqual([{ port: 0, host: 'app.local' }]);
    expect(hostsOn(shared)).toEqual([]);
    expect(hostsOn(foreign)).toEqual([]);
    const changed = [{ kind: 'route' as const, name: 'app' }];
    const serving = (...fleets: Fleet[]) => withoutPauses(servingOf(configuration, 'acme', fleets, changed));
    expect([serving(own), serving(shared, foreign)]).toEqual(['served', 'unserved']);
    const isAll = (...fleets: Fleet[]) => withoutPauses(isAllServed(configuration, 'acme', fleets));
    expect([isAll(own), isAll(shared, foreign)]).toEqual([true, false]);
  });

  test('has conditions on `mesh`, none on ports, and redirects that name no port', () => {
    const { message } = routeConfiguration(configuration, 'acme', own, '0', 'app.local');
    const routes = message.virtualHosts[0]!.routes.filter(({ name }) => name.startsWith('app/'));
    expect(routes.map(({ name }) => name)).toEqual(['app/1/0', 'app/2/0']);
    expect(routes[0]!.responseHeadersToAdd[0]!.header!.value).toBe('http://app.local%REQ(:PATH)%');
    expect(message.name).toBe('0|app.local');
  });

  test('is bound by the deny list of its fleet', () => {
    const upstream = { port: 80, endpoints: [{ address: '127.0.0.1' }] };
    const denied = configuration.with('upstream', 'app', upstream);
    expect(checkOnFleets(denied, 'acme', [own]).errors).toMatchObject([{ code: 'destination-denied' }]);
    expect(checkOnFleets(denied, 'acme', [shared, foreign]).errors).toEqual([]);
  });

  test('has a warning without such a fleet, if a fleet serves a gateway of the tenant', () => {
    const gateway = {
      selector: { a: 'b' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts: ['a.test'] }],
    };
    const both = configuration.with('gateway', 'web', gateway);
    const warned = (...fleets: Fleet[]) => withoutPauses(routesWithoutFleet(both, 'acme', fleets, ['app']));
    expect(warned({ ...shared, labels: { a: 'b' } })).toMatchObject([
      {
        code: 'no-fleet',
        path: '/gateways',
        hint: 'name a gateway in `gateways`, if the route is not meant for the mesh',
      },
    ]);
    expect(warned({ ...shared, labels: { a: 'b' } }, own)).toEqual([]);
  });
});
