import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { pack } from '../../dataplane/envoy/any.ts';
import { bootstrap } from '../../dataplane/envoy/bootstrap.ts';
import { findEnvoy } from '../../dataplane/envoy/find.ts';
import { Cluster } from '../../dataplane/envoy/gen/envoy/config/cluster/v3/cluster.ts';
import { ClusterLoadAssignment } from '../../dataplane/envoy/gen/envoy/config/endpoint/v3/endpoint.ts';
import { Listener } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import { RouteConfiguration } from '../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import { Router } from '../../dataplane/envoy/gen/envoy/extensions/filters/http/router/v3/router.ts';
import { HttpConnectionManager } from '../../dataplane/envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { Any } from '../../dataplane/envoy/gen/google/protobuf/any.ts';
import { types } from '../../dataplane/serve/types/index.ts';
import type { TypeUrl, XdsResource } from '../../dataplane/xds/resource.ts';
import { startXdsServer } from '../../dataplane/xds/server.ts';
import type { Session, Stream } from '../../dataplane/xds/stream.ts';
import { TYPES } from '../xds/types.ts';
import { type RunningEnvoy, runEnvoy } from './run.ts';

const ADS = { configSourceSpecifier: { $case: 'ads', value: {} }, resourceApiVersion: 2 } as const;
const encoded = (name: string, version: string, any: Any): XdsResource => ({
  name,
  version,
  body: Buffer.from(Any.encode(any).finish()),
});

/** What the server holds; a client that asks for a name gets it from here. */
const held = new Map<TypeUrl, Map<string, XdsResource>>();
const answered: unknown[][] = [];
const streams = new Set<Stream>();

function put(type: TypeUrl, resource: XdsResource): void {
  if (!held.has(type)) held.set(type, new Map());
  held.get(type)!.set(resource.name, resource);
  for (const stream of streams) if (stream.subscribed(type, resource.name)) stream.send(type, [resource], []);
}

function accept(stream: Stream): Session {
  streams.add(stream);
  return {
    onSubscribe(type, names, wildcard, have) {
      answered.push(['subscribe', type, [...names], wildcard, Object.fromEntries(have)]);
      const all = held.get(type) ?? new Map<string, XdsResource>();
      const wanted = wildcard ? [...all.values()] : names.flatMap((name) => all.get(name) ?? []);
      stream.send(type, wanted, names.filter((name) => !all.has(name))); // biome-ignore format: one step
    },
    onUnsubscribe() {},
    onAck: (type, nonce) => void answered.push(['ack', type, nonce]),
    onNack: (type, nonce, message) => void answered.push(['nack', type, nonce, message]),
    onClose: () => void streams.delete(stream),
  };
}

function listener(port: number): XdsResource {
  const manager = HttpConnectionManager.fromPartial({
    statPrefix: 'http',
    routeSpecifier: { $case: 'rds', value: { routeConfigName: 'routes', configSource: ADS } },
    httpFilters: [
      {
        name: 'router',
        configType: {
          $case: 'typedConfig',
          value: pack('envoy.extensions.filters.http.router.v3.Router', Router, Router.create()),
        },
      },
    ],
  });
  const value = pack(
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    HttpConnectionManager,
    manager,
  );
  const message = Listener.fromPartial({
    name: 'http',
    address: {
      address: {
        $case: 'socketAddress',
        value: { address: '127.0.0.1', portSpecifier: { $case: 'portValue', value: port } },
      },
    },
    filterChains: [{ filters: [{ name: 'http', configType: { $case: 'typedConfig', value } }] }],
  });
  return encoded('http', '1', pack('envoy.config.listener.v3.Listener', Listener, message));
}

function routes(version: string, prefix = '/'): XdsResource {
  const message = RouteConfiguration.fromPartial({
    name: 'routes',
    virtualHosts: [
      {
        name: 'all',
        domains: ['*'],
        routes: [
          {
            match: { pathSpecifier: { $case: 'prefix', value: prefix } },
            action: { $case: 'route', value: { clusterSpecifier: { $case: 'cluster', value: 'backend' } } },
            responseHeadersToAdd: [{ header: { key: 'x-version', value: version } }],
          },
        ],
      },
    ],
  });
  return encoded('routes', version, pack('envoy.config.route.v3.RouteConfiguration', RouteConfiguration, message));
}

/** Matches match nothing without a specifier: Envoy refuses them. */
function refusedRoutes(): XdsResource {
  const message = RouteConfiguration.fromPartial({
    name: 'routes',
    virtualHosts: [{ name: 'all', domains: ['*'], routes: [{ match: {} }] }],
  });
  return encoded('routes', 'bad', pack('envoy.config.route.v3.RouteConfiguration', RouteConfiguration, message));
}

function backendCluster(): XdsResource {
  const message = Cluster.fromPartial({
    name: 'backend',
    altStatName: 'tenants',
    clusterDiscoveryType: { $case: 'type', value: 3 },
    edsClusterConfig: { edsConfig: ADS },
    connectTimeout: { seconds: 1 },
  });
  return encoded('backend', '1', pack('envoy.config.cluster.v3.Cluster', Cluster, message));
}

function backendEndpoints(port: number): XdsResource {
  const message = ClusterLoadAssignment.fromPartial({
    clusterName: 'backend',
    endpoints: [
      {
        lbEndpoints: [
          {
            hostIdentifier: {
              $case: 'endpoint',
              value: {
                address: {
                  address: {
                    $case: 'socketAddress',
                    value: { address: '127.0.0.1', portSpecifier: { $case: 'portValue', value: port } },
                  },
                },
              },
            },
          },
        ],
      },
    ],
  });
  return encoded(
    'backend',
    '1',
    pack('envoy.config.endpoint.v3.ClusterLoadAssignment', ClusterLoadAssignment, message),
  );
}

describe('a real Envoy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'envoy-'));
  const port = 21_000 + (process.pid % 1000);
  const config = bootstrap({
    node: { id: 'node-1', cluster: 'edge' },
    xds: { path: join(folder, 'xds.sock') },
    admin: { path: join(folder, 'admin.sock') },
    probe: join(folder, 'probe.sock'),
    concurrency: 2,
  });
  let binary: string;
  let backend: Server;
  let server: { close(): Promise<void> };
  let envoy: RunningEnvoy;
  const ask = () => fetch(`http://127.0.0.1:${port}/hello`);
  const listen = () =>
    startXdsServer({ types, address: `unix:${join(folder, 'xds.sock')}`, accept, log: pino({ level: 'silent' }) });

  beforeAll(async () => {
    binary = await findEnvoy();
    backend = createServer((request, response) => response.end(`backend saw ${request.url}`));
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    put(TYPES.listener, listener(port));
    put(TYPES.routes, routes('one'));
    put(TYPES.cluster, backendCluster());
    put(TYPES.endpoints, backendEndpoints((backend.address() as AddressInfo).port));
    server = await listen();
    envoy = await runEnvoy({ binary, config, folder });
  });

  afterAll(async () => {
    await envoy?.stop();
    await server?.close();
    backend?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('accepts the bootstrap', () => {
    const file = join(folder, 'validate.json');
    writeFileSync(file, JSON.stringify(config));
    const validate = () => execFileSync(binary, ['--mode', 'validate', '-c', file, '-l', 'warning'], { stdio: 'pipe' });
    expect(validate().toString()).toContain('OK');
  });

  it('sends the node of its bootstrap', () => {
    expect([...streams][0]!.node).toEqual({
      id: 'node-1',
      cluster: 'edge',
      metadata: {
        gatehouse: {
          admin: join(folder, 'admin.sock'),
          probe: join(folder, 'probe.sock'),
          workers: 2,
          tenantClients: expect.any(Number),
          tenantConnections: expect.any(Number),
        },
      },
      userAgent: 'envoy/1.40.0',
    });
  });

  it('serves the resources that it received', async () => {
    const response = await ask();
    expect([response.status, response.headers.get('x-version'), await response.text()]).toEqual([
      200,
      'one',
      'backend saw /hello',
    ]);
  });

  it('serves a change', async () => {
    put(TYPES.routes, routes('two'));
    await vi.waitFor(async () => expect((await ask()).headers.get('x-version')).toBe('two'), 10_000);
  });

  it('rejects a bad resource with a reason, keeps the old one, and accepts the next', async () => {
    put(TYPES.routes, refusedRoutes());
    await vi.waitFor(
      () =>
        expect(answered.at(-1)).toMatchObject([
          'nack',
          TYPES.routes,
          expect.any(String),
          expect.stringContaining('path_specifier'),
        ]),
      10_000,
    );
    expect((await ask()).headers.get('x-version')).toBe('two');
    put(TYPES.routes, routes('three'));
    await vi.waitFor(async () => expect((await ask()).headers.get('x-version')).toBe('three'), 10_000);
  });

  it('reconnects with the versions that it holds when the server returns', async () => {
    await server.close();
    expect((await ask()).status).toBe(200);
    answered.length = 0;
    put(TYPES.routes, routes('four'));
    server = await listen();
    await vi.waitFor(async () => expect((await ask()).headers.get('x-version')).toBe('four'), 30_000);
    expect(answered).toContainEqual(['subscribe', TYPES.cluster, expect.anything(), true, { backend: '1' }]);
    expect(answered).toContainEqual(['subscribe', TYPES.routes, ['routes'], false, { routes: 'three' }]);
  });

  it('has a backlog while it hangs, and catches up afterwards', async () => {
    const [stream] = streams;
    envoy.kill('SIGSTOP');
    const padding = encoded('padding', '1', { typeUrl: TYPES.endpoints, value: Buffer.alloc(1 << 20) });
    for (let i = 0; i < 40; i++) stream!.send(TYPES.endpoints, [padding], []);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(stream!.backlog).toBeGreaterThan(8 << 20);
    envoy.kill('SIGCONT');
    await vi.waitFor(() => expect(stream!.backlog).toBe(0), 20_000);
    put(TYPES.routes, routes('five'));
    await vi.waitFor(async () => expect((await ask()).headers.get('x-version')).toBe('five'), 20_000);
  });

  it('keeps only the statistics that the bootstrap does not exclude', async () => {
    const { body } = await envoy.admin('/stats?usedonly');
    expect(body).toMatch(/^http\.http\.downstream_rq_2xx: /m);
    expect(body).toMatch(/^control_plane\.connected_state: 1$/m);
    expect(body).not.toMatch(/^cluster\.(backend|tenants)\./m);
  });

  it('logs the reason when its start fails', async () => {
    const broken = {
      ...config,
      admin: { address: { pipe: { path: join(folder, 'other.sock') } } },
      static_resources: { clusters: [{ nonsense: true }] },
    };
    await expect(runEnvoy({ binary, config: broken, folder: join(folder, 'broken') })).rejects.toThrow(
      /ended with 1[\s\S]*nonsense/,
    );
  });
});
