/** One tenant changes much, and another one changes little. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { scopeName } from '../../dataplane/compile/index.ts';
import { ClusterLoadAssignment } from '../../dataplane/envoy/gen/envoy/config/endpoint/v3/endpoint.ts';
import { limited, superseded } from '../../dataplane/serve/rejections/attribution.ts';
import { cluster } from '../../dataplane/serve/types/cluster.ts';
import { endpoints } from '../../dataplane/serve/types/endpoints.ts';
import { routes } from '../../dataplane/serve/types/routes.ts';
import { ScopeTable } from '../../model/binding/scope-table.ts';
import { Configuration, type ConfigurationDocument } from '../../model/configuration.ts';
import { DeltaClient } from '../xds/client.ts';
import { TYPES } from '../xds/types.ts';
import { Feed } from './feed.ts';

const fleet = {
  name: 'edge',
  labels: { ingress: 'public' },
  address: '127.0.0.1',
  ports: [{ number: 80, bind: 10080, protocol: 'HTTP' as const }],
};
const document = (tenant: string, body: string): ConfigurationDocument => ({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: [
        { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [`${tenant}.test`, `*.${tenant}.test`] },
      ],
    },
  },
  upstreams: { app: { port: 80, endpoints: [{ address: '10.0.0.1' }] } },
  routes: {
    app: {
      hosts: [`${tenant}.test`],
      gateways: ['web'],
      http: [
        { match: [{ uri: { exact: '/version' } }], directResponse: { status: 200, body } },
        { route: [{ destination: { upstream: 'app' } }] },
      ],
    },
  },
});

let feed: Feed;
let client: DeltaClient;
beforeEach(async () => {
  const told = { busy: document('busy', 'v0'), quiet: document('quiet', 'v0') };
  // Nothing listens where the client says that its probes go.
  feed = await Feed.start(fleet, told, { probeTimeout: 50 });
  client = new DeltaClient(feed.agent.xds);
  client.ask(TYPES.scope);
  client.ask(TYPES.cluster);
  client.ask(TYPES.routes, { subscribe: ['80|busy.test', '80|quiet.test'] });
  client.ask(TYPES.endpoints, { subscribe: ['busy/app', 'quiet/app'] });
  await until(...['busy', 'quiet'].flatMap((name) => [scopeName(`80|${name}.test`), `80|${name}.test`, `${name}/app`]));
  await vi.waitFor(() => expect(feed.nodes[0]).toMatchObject({ acked: 2, live: 2 }), 10_000);
});
afterEach(async () => {
  vi.restoreAllMocks();
  client.close();
  await feed.stop();
});

/** Acknowledges responses until it has those names. @returns the last resource of each name */
async function until(...names: string[]) {
  const found = new Map<string, { nonce: string; typeUrl: string; body: Uint8Array }>();
  while (names.some((name) => !found.has(name))) {
    const { typeUrl, nonce, resources } = await client.next();
    for (const { name, resource } of resources) found.set(name, { nonce, typeUrl, body: resource!.value });
    client.ask(typeUrl, { nonce });
  }
  return found;
}

const addresses = (body: Uint8Array) =>
  ClusterLoadAssignment.decode(body).endpoints.flatMap(({ lbEndpoints }) =>
    lbEndpoints.map(({ hostIdentifier }) => {
      const address = hostIdentifier?.$case === 'endpoint' && hostIdentifier.value.address?.address;
      return address && address.$case === 'socketAddress' ? address.value.address : '';
    }),
  );

it('builds nothing but endpoints for registrations, and these once per response', async () => {
  feed.register('busy', 'app', [{ address: '10.0.1.0' }]);
  // This response is not acknowledged yet, so the client gets no other endpoints of the cluster.
  const response = await client.next();
  expect(response.resources.map(({ name }) => name)).toEqual(['busy/app']);
  const find = [endpoints, cluster, routes].map((type) => vi.spyOn(type, 'find'));
  const built = (name: string) => find.map(({ mock }) => mock.calls.filter(([, each]) => each === name).length);

  for (let n = 1; n <= 30; n++) feed.register('busy', 'app', [{ address: `10.0.1.${n}` }]);
  feed.tell('quiet', document('quiet', 'v1'));
  await until('80|quiet.test');
  expect(built('busy/app')).toEqual([0, 0, 0]);
  expect(built('80|busy.test')).toEqual([0, 0, 0]);

  client.ask(TYPES.endpoints, { nonce: response.nonce });
  const sent: string[][] = [];
  while (!sent.flat().includes('10.0.1.30')) sent.push(addresses((await until('busy/app')).get('busy/app')!.body));
  // Two, if the change of the quiet tenant has overtaken some registrations.
  expect(sent.length).toBeLessThanOrEqual(2);
  expect(built('80|busy.test')).toEqual([0, 0, 0]);
});

it('does nothing for the hosts of other routes when the rules of one route change', async () => {
  const more = (body: string) => ({
    ...{ hosts: ['more.busy.test'], gateways: ['web'] },
    http: [{ directResponse: { status: 200, body } }],
  });
  const change = (body: string) => feed.amend('busy', { puts: [{ kind: 'route', name: 'more', spec: more(body) }] });
  change('v0');
  client.ask(TYPES.routes, { subscribe: ['80|more.busy.test'] });
  await until('80|more.busy.test', scopeName('80|more.busy.test'));
  const [find, hosts] = [vi.spyOn(routes, 'find'), vi.spyOn(ScopeTable.prototype, 'envoyScopes')];
  const last = change('v1');
  await until('80|more.busy.test');
  await vi.waitFor(() => expect(feed.nodes[0]).toMatchObject({ acked: last }), 10_000);
  expect(new Set(find.mock.calls.map(([, name]) => name))).toEqual(new Set(['80|more.busy.test']));
  expect(hosts).not.toHaveBeenCalled();
});

it('acknowledges every change of both once the client has the last state', async () => {
  for (let n = 1; n <= 30; n++) {
    feed.register('busy', 'app', [{ address: `10.0.1.${n}` }]);
    feed.amend('busy', { puts: [{ kind: 'route', name: 'app', spec: document('busy', `v${n}`).routes!.app! }] });
    feed.amend('quiet', { puts: [{ kind: 'route', name: 'app', spec: document('quiet', `v${n}`).routes!.app! }] });
  }
  const last = feed.register('quiet', 'app', [{ address: '10.0.2.1' }]);
  const told = until('nothing ever has this name');
  told.catch(() => {});
  await vi.waitFor(() => expect(feed.nodes[0]).toMatchObject({ acked: last, live: last }), 10_000);
});

it('reports what is live of one while the other waits for the client', async () => {
  feed.amend('busy', { puts: [{ kind: 'route', name: 'app', spec: document('busy', 'v1').routes!.app! }] });
  const held = await client.next();
  expect(held.resources.map(({ name }) => name)).toEqual(['80|busy.test']);
  const seq = feed.amend('quiet', {
    puts: [{ kind: 'route', name: 'app', spec: document('quiet', 'v1').routes!.app! }],
  });
  await until('80|quiet.test');
  const behind = [{ tenant: 'busy', live: 2 }];
  await vi.waitFor(() => expect(feed.nodes[0]).toMatchObject({ live: 2, ahead: { live: seq, behind } }), 10_000);
  client.ask(held.typeUrl, { nonce: held.nonce });
  const told = until('nothing ever has this name');
  told.catch(() => {});
  await vi.waitFor(() => expect(feed.nodes[0]).toMatchObject({ acked: seq, live: seq }), 10_000);
  expect(feed.nodes[0]).not.toHaveProperty('ahead');
});

it('builds a large resource few times to find the revisions that were overwritten, and reports all that may be', () => {
  const configurations = Array.from({ length: 51 }, (_, n) => Configuration.fromDocument(document('busy', `v${n}`)));
  const entries = configurations.slice(1).map((after, n) => ({
    ...{ seq: n + 1, tenant: 'busy', revision: n + 1, toAck: 0, toLive: 0, behind: { tenant: 'busy', live: n } },
    transition: { from: n + 1, before: configurations[n], after },
  }));
  const build = vi.fn((configuration: Configuration) => JSON.stringify(configuration.get('route', 'app')));
  const last = build(configurations.at(-1)!);
  for (const [most, built] of [
    [1000, 51],
    [3, 3],
    [0, 0],
  ] as const) {
    build.mockClear();
    const reported = new WeakSet<object>();
    const found = superseded({ tenant: 'busy', entries, versionIn: limited(build, () => most), reported }, last);
    expect(found.map(({ revision }) => revision)).toEqual(entries.slice(0, -1).map(({ revision }) => revision));
    expect(build.mock.calls.length).toBeLessThanOrEqual(built);
    expect(superseded({ tenant: 'busy', entries, versionIn: limited(build, () => most), reported }, last)).toEqual([]);
    expect(build.mock.calls.length).toBeLessThanOrEqual(built);
  }
});
