import type { Control } from './control.ts';
import { createTenant } from './seed.ts';
import type { Stack } from './stack.ts';
import { firstAnswer, Visitor } from './visitor.ts';
import { hostName, LABELS, PORTS, routeSpec, tenantName, VERSION_PATH } from './workload.ts';

export const FLOOD_KINDS = ['endpoints', 'configurations', 'tenants', 'conditions', 'hosts'] as const;
export type FloodKind = (typeof FLOOD_KINDS)[number];

/** Prepares the tenants of a flood. @returns makes one change; `index` counts the changes of all connections */
type Prepare = (stack: Stack, control: Control) => Promise<(control: Control, index: number) => Promise<unknown>>;

const FLOODER = tenantName(1);
const AT = `/v1/tenants/${FLOODER}`;
const ENDPOINTS = 1000;
const SUBSETS = 10;
const ROUTES = 200;
const TENANTS = 500;
/** Together nearly as many conditions as a host may have. */
const CONDITION_ROUTES = 4;
const RULES = 40;
const CONDITIONS_A_RULE = 50;
const HOST_ROUTES = 4;
const HOSTS_A_ROUTE = 256;

export const FLOODS: Readonly<Record<FloodKind, Prepare>> = {
  /** One tenant registers endpoints at an upstream that has many, and many subsets. */
  endpoints: async (stack, control) => {
    await createTenant(control, FLOODER, undefined);
    const subsets = Array.from({ length: SUBSETS }, (_, n) => ({ name: `s${n}`, labels: { app: 'all' } }));
    await control.request('PUT', `${AT}/upstreams/app`, { port: 8080, endpoints: [], subsets });
    const destinations = [undefined, ...subsets.map(({ name }) => name)];
    const http = destinations.map((subset, n) => ({
      match: [{ uri: { pathPrefix: `/s${n}` } }],
      route: [{ destination: { upstream: 'app', ...(subset !== undefined && { subset }) } }],
    }));
    const answer = { match: [{ uri: { exact: VERSION_PATH } }], directResponse: { status: 200, body: 'v0' } };
    await control.request('PUT', `${AT}/routes/main`, {
      hosts: [hostName(FLOODER)],
      gateways: ['main'],
      http: [...http, answer],
    });
    await firstAnswer(FLOODER, 'v0', stack.publicPort);
    const register = (by: Control, index: number) => {
      const id = index % ENDPOINTS;
      const [port, address] = [1024 + (Math.floor(index / ENDPOINTS) % 50_000), `10.0.${id >> 8}.${id & 255}`];
      return by.request('PUT', `${AT}/upstreams/app/endpoints/e${id}`, {
        ...{ address, port, labels: { app: 'all' }, ttl: '1h' },
      });
    };
    for (let index = 0; index < ENDPOINTS; index++) await register(control, index);
    return (by, index) => register(by, ENDPOINTS + index);
  },

  /** One tenant replaces a large configuration. */
  configurations: async (_stack, control) => {
    await control.request('POST', '/v1/tenants', { name: FLOODER });
    const replace = (by: Control, version: string) => by.request('PUT', `${AT}/configuration`, large(version));
    await replace(control, 'v');
    return (by, index) => replace(by, `v${index}`);
  },

  /** Many small tenants change a route each. */
  tenants: async (stack, control) => {
    const names = Array.from({ length: TENANTS }, (_, n) => tenantName(n + 1));
    for (const name of names) await createTenant(control, name, undefined);
    for (const name of names) await firstAnswer(name, 'v0', stack.publicPort);
    return (by, index) => {
      const name = names[index % TENANTS]!;
      return by.request('PUT', `/v1/tenants/${name}/routes/main`, routeSpec(name, `v${index}`));
    };
  },

  /** One tenant changes a host with as many conditions as a host may have. */
  conditions: async (stack, control) => {
    await createTenant(control, FLOODER, undefined);
    for (let route = 1; route < CONDITION_ROUTES; route++)
      await control.request('PUT', `${AT}/routes/more-${route}`, manyConditions(`r${route}`));
    const change = (by: Control, version: string) => by.request('PUT', `${AT}/routes/main`, manyConditions(version));
    await change(control, 'v');
    await firstAnswer(FLOODER, 'v', stack.publicPort);
    return (by, index) => change(by, `v${index}`);
  },

  /** One tenant changes routes with as many hosts as a route may have, all of which Envoy has loaded. */
  hosts: async (stack, control) => {
    await control.request('POST', '/v1/tenants', { name: FLOODER });
    const hosts = (route: number) =>
      Array.from({ length: HOSTS_A_ROUTE }, (_, n) => `h${route}-${n}.${hostName(FLOODER)}`);
    const change = (by: Control, index: number) => {
      const spec = { ...routeSpec(FLOODER, `v${index}`), hosts: hosts(index % HOST_ROUTES) };
      return by.request('PUT', `${AT}/routes/r${index % HOST_ROUTES}`, spec);
    };
    const { gateways, upstreams } = large('v');
    await control.request('PUT', `${AT}/configuration`, { gateways, upstreams });
    for (let route = 0; route < HOST_ROUTES; route++) {
      await change(control, route);
      for (const host of hosts(route)) {
        const visitor = await Visitor.to(host, stack.publicPort);
        await visitor.sees();
        visitor.close();
      }
    }
    return (by, index) => change(by, HOST_ROUTES + index);
  },
};

function large(version: string) {
  const server = { port: { number: PORTS.http, name: 'http', protocol: 'HTTP' }, hosts: [`*.${hostName(FLOODER)}`] };
  const answer = (n: number) => ({
    hosts: [`h${n}.${hostName(FLOODER)}`],
    gateways: ['main'],
    http: routeSpec(FLOODER, version).http,
  });
  return {
    gateways: { main: { selector: LABELS, servers: [server] } },
    upstreams: { app: { port: 8080, endpoints: [{ address: '127.0.0.1' }] } },
    routes: Object.fromEntries(Array.from({ length: ROUTES }, (_, n) => [`r${n}`, answer(n)])),
  };
}

function manyConditions(version: string) {
  const answer = { match: [{ uri: { exact: VERSION_PATH } }], directResponse: { status: 200, body: version } };
  const rules = Array.from({ length: RULES }, (_, rule) => ({
    match: Array.from({ length: CONDITIONS_A_RULE }, (_, n) => ({ uri: { exact: `/${version}/${rule}/${n}` } })),
    route: [{ destination: { upstream: 'app' } }],
  }));
  return { hosts: [hostName(FLOODER)], gateways: ['main'], http: [answer, ...rules] };
}
