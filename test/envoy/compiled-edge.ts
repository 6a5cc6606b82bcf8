/** Serves one compiled configuration to a real Envoy, with a minimal ADS server instead of an agent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import * as compile from '../../dataplane/compile/index.ts';
import { types } from '../../dataplane/serve/types/index.ts';
import type { TypeUrl, XdsResource } from '../../dataplane/xds/resource.ts';
import { startXdsServer } from '../../dataplane/xds/server.ts';
import type { Stream } from '../../dataplane/xds/stream.ts';
import { scopeTable } from '../../model/binding/scope-table.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import * as encode from '../xds/encode.ts';
import { TYPES } from '../xds/types.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

export const TENANT = 'acme';

export interface Edge {
  probe: string;
  nacks: string[];
  /** Asks Envoy's admin interface. */
  admin: RunningEnvoy['admin'];
  close(): Promise<void>;
}

interface EdgeOptions {
  /** The secret for a server name as the client wrote it. */
  secret?: (serverName: string) => XdsResource | undefined;
  /** A host about which the server never sends a response. */
  silentOn?: string;
  /** The `address:port` at which Envoy serves the mesh too, as a sidecar does. */
  outbound?: string;
}

export async function startEdge(
  configuration: Configuration,
  fleet: Fleet,
  { secret, silentOn, outbound }: EdgeOptions = {},
): Promise<Edge> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-'));
  const probe = join(folder, 'probe.sock');
  const nacks: string[] = [];
  const sidecar = outbound === undefined ? [] : compile.sidecarListeners(outbound, {});
  const listeners = [...compile.listeners({ address: '127.0.0.1', ...fleet }, { probe }), ...sidecar]
    // A listener whose chains all belong to tenants is closed while there are none, as the agent does it.
    .filter(({ chains }) => chains.length > 0)
    .map((listener) => encode.listener(compile.listenerMessage(listener)));
  const scopes = [...scopeTable(configuration, TENANT, fleet).envoyScopes()].map(({ port, host }) =>
    encode.scope(compile.scope(String(port), host)),
  );

  // Routes go once the endpoints of their clusters are there: until then a request would find no cluster.
  const waiting: { missing: Set<string>; send: () => void }[] = [];
  const routes = (stream: Stream, name: string): void => {
    const [port, host] = name.split('|');
    const { message, needs } = compile.routeConfiguration(configuration, TENANT, fleet, Number(port), host!);
    const unsent = needs.clusters.filter((each) => !stream.names(TYPES.endpoints).has(each));
    for (const each of unsent)
      stream.send(TYPES.cluster, [encode.cluster(compile.cluster(configuration, TENANT, fleet, each).message)], []);
    // A cluster with DNS names contains its endpoints, and Envoy asks for none.
    const missing = new Set(unsent.filter((each) => compile.endpoints(configuration, fleet, each)));
    const send = () => void stream.send(TYPES.routes, [encode.routes(message)], []);
    if (missing.size === 0) send();
    else waiting.push({ missing, send });
  };
  const arrived = (name: string): void => {
    for (const each of waiting) if (each.missing.delete(name) && each.missing.size === 0) each.send();
  };
  const answer = (stream: Stream, type: TypeUrl, name: string): void => {
    if (silentOn !== undefined && name.endsWith(silentOn)) return;
    if (type === TYPES.routes) {
      routes(stream, name);
      return;
    }
    const resource =
      type === TYPES.endpoints ? encode.endpoints(compile.endpoints(configuration, fleet, name)!) : secret?.(name);
    stream.send(type, resource ? [resource] : [], resource ? [] : [name]);
    if (type === TYPES.endpoints) arrived(name);
  };
  const { close } = await startXdsServer({
    types,
    address: `unix:${join(folder, 'xds.sock')}`,
    log: pino({ level: 'silent' }),
    accept: (stream) => ({
      onSubscribe(type, names, wildcard) {
        if (wildcard) stream.send(type, type === TYPES.listener ? listeners : type === TYPES.scope ? scopes : [], []);
        for (const name of names) answer(stream, type, name);
      },
      onUnsubscribe() {},
      onAck() {},
      onNack: (type, _nonce, message) => nacks.push(`${type}: ${message}`),
      onClose() {},
    }),
  });
  const envoy = await runBeside(folder, fleet.name);
  return {
    probe,
    nacks,
    admin: envoy.admin,
    async close() {
      await envoy.stop();
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An upstream that returns the request that it received. */
export async function startEcho(
  handle?: (request: IncomingMessage) => Promise<number | undefined>,
): Promise<{ port: number; server: Server }> {
  const server = createServer(async (request, response) => {
    const status = (await handle?.(request)) ?? 200;
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}
