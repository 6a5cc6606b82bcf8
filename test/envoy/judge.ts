/**
 * A real Envoy that accepts or rejects single resources: one per response, so that a rejection concerns that resource.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import * as compile from '../../dataplane/compile/index.ts';
import { guards } from '../../dataplane/compile/manager/filters/guards.ts';
import { httpFilters } from '../../dataplane/compile/manager/filters/index.ts';
import { upgrades } from '../../dataplane/compile/manager/filters/upgrades.ts';
import { ads } from '../../dataplane/compile/values/source.ts';
import { pack } from '../../dataplane/envoy/any.ts';
import { bootstrap } from '../../dataplane/envoy/bootstrap.ts';
import { findEnvoy } from '../../dataplane/envoy/find.ts';
import { Listener } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import { RouteConfiguration } from '../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import { HttpConnectionManager } from '../../dataplane/envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { Secret } from '../../dataplane/envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { DownstreamTlsContext } from '../../dataplane/envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { Any } from '../../dataplane/envoy/gen/google/protobuf/any.ts';
import { types } from '../../dataplane/serve/types/index.ts';
import type { TypeUrl, XdsResource } from '../../dataplane/xds/resource.ts';
import { startXdsServer } from '../../dataplane/xds/server.ts';
import type { Stream } from '../../dataplane/xds/stream.ts';
import type { Pair } from '../e2e/authority.ts';
import * as encode from '../xds/encode.ts';
import { TYPES } from '../xds/types.ts';
import { runEnvoy } from './run.ts';

/** Undefined when Envoy accepts the resource, else its message. */
export type Verdict = string | undefined;

export interface Judge {
  /** Replaces the routes of one listener. */
  routes(message: RouteConfiguration): Promise<Verdict>;
  /** Replaces the listeners beside the judge's own by these. */
  listeners(messages: readonly Listener[]): Promise<Verdict>;
  /** Replaces all clusters by these; then sends the endpoints that Envoy asks for. */
  clusters(clusters: readonly XdsResource[], endpoints: ReadonlyMap<string, XdsResource>): Promise<Verdict>;
  /** Replaces the certificate of one listener. */
  certificate(pair: Pair): Promise<Verdict>;
  close(): Promise<void>;
}

const ROUTES = 'routes';
const CERTIFICATE = 'certificate';

/** @param first a pair that Envoy accepts, for its start */
export async function startJudge(first: Pair, runtime: Record<string, number> = {}): Promise<Judge> {
  const folder = mkdtempSync(join(tmpdir(), 'judge-'));
  const waiting = new Map<string, (verdict: Verdict) => void>();
  const asked = new Map<string, () => void>();
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  let stream!: Stream; // Envoy is ready only after it connected
  let known: string[] = [];
  let open: string[] = [];
  const { close } = await startXdsServer({
    types,
    address: `unix:${join(folder, 'xds.sock')}`,
    log: pino({ level: 'silent' }),
    accept(opened) {
      stream = opened;
      return {
        onSubscribe(type, names, wildcard) {
          if (type === TYPES.listener) stream.send(type, [http(folder), https(folder)].map(encode.listener), []);
          else if (wildcard) stream.send(type, [], []);
          else if (type === TYPES.routes)
            stream.send(type, [encode.routes(RouteConfiguration.fromPartial({ name: ROUTES }))], []);
          else if (type === TYPES.secret)
            stream.send(
              type,
              [...names].map((name) => secretFor(name, first)),
              [],
            );
          else for (const name of names) asked.get(name)?.();
        },
        onUnsubscribe() {},
        onAck: (type, nonce) => waiting.get(type + nonce)?.(undefined),
        onNack(type, nonce, message) {
          const verdict = waiting.get(type + nonce);
          if (verdict) verdict(message || 'no reason given');
          else broken.reject(new Error(`Envoy rejects the judge's own ${type}: ${message}`));
        },
        onClose() {},
      };
    },
  });
  const config = bootstrap({
    node: { id: 'judge', cluster: 'judge' },
    xds: { path: join(folder, 'xds.sock') },
    admin: { path: join(folder, 'admin.sock') },
  });
  Object.assign((config.layered_runtime as { layers: { static_layer: object }[] }).layers[0]!.static_layer, runtime);
  const envoy = await runEnvoy({ binary: await findEnvoy(), config, folder, level: 'off' });
  const died = envoy.exited.then((code) => Promise.reject(new Error(`Envoy ended with ${code}`)));
  died.catch(() => {});
  const send = async (
    type: TypeUrl,
    resources: readonly XdsResource[],
    removed: readonly string[] = [],
  ): Promise<Verdict> => {
    const nonce = stream.send(type, resources, removed);
    const key = type + nonce;
    try {
      return await Promise.race([new Promise<Verdict>((resolve) => waiting.set(key, resolve)), died, broken.promise]);
    } finally {
      waiting.delete(key);
    }
  };
  let serial = 0;
  return {
    routes: (message) => send(TYPES.routes, [encode.routes({ ...message, name: ROUTES })]),
    listeners(messages) {
      const names = messages.map(({ name }) => name);
      const removed = open.filter((name) => !names.includes(name));
      open = names;
      return send(TYPES.listener, messages.map(encode.listener), removed);
    },
    async clusters(clusters, endpoints) {
      const names = clusters.map(({ name }) => name);
      const subscribed = [...endpoints.keys()].map((name) => new Promise<void>((resolve) => asked.set(name, resolve)));
      const removed = known.filter((name) => !names.includes(name));
      known = names;
      const verdict = send(TYPES.cluster, clusters, removed);
      if (endpoints.size === 0) return verdict;
      // Envoy acknowledges clusters once it has their endpoints, and asks for no endpoints of clusters that it rejects.
      const asksForAll = Promise.all(subscribed).then(() => 'all' as const);
      const first = await Promise.race([verdict, asksForAll]);
      asked.clear();
      if (first !== 'all') return first;
      return (await send(TYPES.endpoints, [...endpoints.values()])) ?? (await verdict);
    },
    certificate: (pair) => send(TYPES.secret, [{ ...secret(pair), version: String(serial++) }]),
    async close() {
      await envoy.stop();
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Bypasses the agent's own check of a pair, because Envoy must decide. */
function secret({ certificateChain, privateKey }: Pair, name = CERTIFICATE): XdsResource {
  const value = Secret.encode(compile.serverCertificate(name, certificateChain, privateKey)).finish();
  return { name, version: '1', body: Buffer.from(Any.encode({ typeUrl: TYPES.secret, value }).finish()) };
}

/** The secret that a resource names: CAs, or a certificate. */
function secretFor(name: string, pair: Pair): XdsResource {
  if (!/^(?:ca|roots)\//.test(name)) return secret(pair, name);
  const value = Secret.encode({ ...compile.systemRoots(pair.certificateChain), name }).finish();
  return { name, version: '1', body: Buffer.from(Any.encode({ typeUrl: TYPES.secret, value }).finish()) };
}

function manager() {
  const name = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  const message = HttpConnectionManager.fromPartial({
    statPrefix: 'judge',
    routeSpecifier: { $case: 'rds', value: { configSource: ads, routeConfigName: ROUTES } },
    // A judge with a lower limit for patterns would reject the patterns of these filters.
    httpFilters: httpFilters('by certificate').filter((each) => each !== guards && each !== upgrades),
    upgradeConfigs: [{ upgradeType: 'websocket' }],
  });
  return {
    name: 'envoy.filters.network.http_connection_manager',
    configType: { $case: 'typedConfig' as const, value: pack(name, HttpConnectionManager, message) },
  };
}

const pipe = (folder: string, name: string) => ({
  address: { $case: 'pipe' as const, value: { path: join(folder, name), mode: 0o600 } },
});

const http = (folder: string) =>
  Listener.fromPartial({ name: 'http', address: pipe(folder, 'http'), filterChains: [{ filters: [manager()] }] });

function https(folder: string) {
  const context = DownstreamTlsContext.fromPartial({
    commonTlsContext: { tlsCertificateSdsSecretConfigs: [{ name: CERTIFICATE, sdsConfig: ads }] },
  });
  const value = pack('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', DownstreamTlsContext, context);
  return Listener.fromPartial({
    name: 'https',
    address: pipe(folder, 'https'),
    filterChains: [
      {
        filters: [manager()],
        transportSocket: { name: 'envoy.transport_sockets.tls', configType: { $case: 'typedConfig', value } },
      },
    ],
  });
}
