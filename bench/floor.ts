import { join } from 'node:path';
import * as compile from '../dataplane/compile/index.ts';
import { Route } from '../dataplane/envoy/gen/envoy/config/route/v3/route_components.ts';
import * as resources from '../dataplane/serve/resources.ts';
import { TYPES, type XdsResource } from '../dataplane/xds/resource.ts';
import { serve } from '../dataplane/xds/server.ts';
import type { Session, Stream } from '../dataplane/xds/stream.ts';
import { EnvoyProcess } from './envoy-process.ts';
import { freePort } from './ports.ts';
import { type Processes, until } from './processes.ts';
import { Visitor } from './visitor.ts';
import { FLEET, hostName, PORTS, tenantName, VERSION_PATH } from './workload.ts';

const HOST = hostName(tenantName(0));
const KEY = `${PORTS.http}|${HOST}`;

/**
 * What Envoy itself needs: one tiny RouteConfiguration pushed by the xDS server alone, with no API, database or agent, to a
 * second Envoy in the same layout → the first request that sees it. Milliseconds, one a change.
 */
export async function floor(binary: string, changes: number, processes: Processes): Promise<number[]> {
  const bind = await freePort();
  const source = new Source(bind);
  const path = join(processes.folder, 'floor.sock');
  const log = { debug() {}, info() {}, warn: console.error, error: console.error };
  const server = await serve({ address: `unix:${path}`, accept: (stream) => source.accept(stream), log: log as never });
  const envoy = new EnvoyProcess(processes, { binary, name: 'floor-envoy', cluster: FLEET, xds: path });
  try {
    envoy.start();
    const child = envoy.child;
    const visitor = await until('The floor is laid', () => Visitor.to(HOST, { port: bind }), { child });
    await visitor.sees('v0');
    const samples: number[] = [];
    for (let change = 1; change <= changes; change++) {
      processes.signal.throwIfAborted();
      const version = `v${change}`;
      const sent = performance.now();
      source.push(version);
      samples.push((await visitor.sees(version)) - sent);
    }
    visitor.close();
    return samples;
  } finally {
    await envoy.stop();
    await server.close();
  }
}

/** The least that makes an Envoy serve one host. */
class Source {
  readonly #listeners: XdsResource[];
  #stream: Stream | undefined;
  #version = 'v0';

  constructor(bind: number) {
    const ports = [{ number: PORTS.http, bind, protocol: 'HTTP' as const }];
    const fleet = { name: FLEET, labels: {}, ports, address: '127.0.0.1' };
    this.#listeners = compile.listeners(fleet, {}).map(resources.listener);
  }

  accept(stream: Stream): Session {
    this.#stream = stream;
    return {
      onSubscribe: (type, names, wildcard) => {
        if (type === TYPES.listener && wildcard) stream.send(type, this.#listeners, []);
        else if (type === TYPES.scope && wildcard)
          stream.send(type, [resources.scope(compile.scope(String(PORTS.http), HOST))], []);
        else if (type === TYPES.routes) stream.send(type, [this.#routes()], []);
        else stream.send(type, [], [...names]);
      },
      onUnsubscribe() {},
      onAck() {},
      onNack: (type, _nonce, message) => console.error(`the floor's Envoy refused ${type}: ${message}`),
      onClose() {},
    };
  }

  push(version: string): void {
    this.#version = version;
    this.#stream!.send(TYPES.routes, [this.#routes()], []);
  }

  #routes(): XdsResource {
    const body = { specifier: { $case: 'inlineString' as const, value: this.#version } };
    const message = compile.emptyRouteConfiguration(KEY);
    message.virtualHosts[0]!.routes = [
      Route.fromPartial({
        match: { pathSpecifier: { $case: 'path', value: VERSION_PATH } },
        action: { $case: 'directResponse', value: { status: 200, body } },
      }),
    ];
    return resources.routes(message, this.#version);
  }
}
