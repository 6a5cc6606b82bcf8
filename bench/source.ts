import { join } from 'node:path';
import * as compile from '../dataplane/compile/index.ts';
import { Route } from '../dataplane/envoy/gen/envoy/config/route/v3/route_components.ts';
import { encodeRoutes } from '../dataplane/serve/state/route-resources.ts';
import { types } from '../dataplane/serve/types/index.ts';
import { listener } from '../dataplane/serve/types/listener.ts';
import { routes as routesType } from '../dataplane/serve/types/routes.ts';
import { scope } from '../dataplane/serve/types/scope.ts';
import type { XdsResource } from '../dataplane/xds/resource.ts';
import { startXdsServer } from '../dataplane/xds/server.ts';
import type { Session, Stream } from '../dataplane/xds/stream.ts';
import type { Processes } from './processes.ts';
import { PORTS, VERSION_PATH } from './workload.ts';

export interface Offer {
  listeners: XdsResource[];
  scopes: XdsResource[];
  routes: XdsResource;
}

/** The xDS server without an API, a database or an agent: the minimum that makes an Envoy serve one host. */
export class Source {
  /** The path of the Unix socket. */
  readonly path: string;
  readonly #offer: Offer;
  #stream: Stream | undefined;
  #server: { close(): Promise<void> } | undefined;

  private constructor(path: string, offer: Offer) {
    this.path = path;
    this.#offer = offer;
  }

  static async open(name: string, offer: Offer, processes: Processes): Promise<Source> {
    const source = new Source(join(processes.folder, `${name}.sock`), offer);
    const log = { debug() {}, info() {}, warn: console.error, error: console.error };
    const accept = (stream: Stream) => source.#accept(stream);
    source.#server = await startXdsServer({
      types,
      address: `unix:${source.path}`,
      accept,
      log: log as never,
    });
    return source;
  }

  push(routes: XdsResource): void {
    this.#offer.routes = routes;
    this.#stream!.send(routesType.url, [routes], []);
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #accept(stream: Stream): Session {
    this.#stream = stream;
    return {
      onSubscribe: (type, names, wildcard) => {
        if (type === listener.url && wildcard) stream.send(type, this.#offer.listeners, []);
        else if (type === scope.url && wildcard) stream.send(type, this.#offer.scopes, []);
        else if (type === routesType.url) stream.send(type, [this.#offer.routes], []);
        else stream.send(type, [], [...names]);
      },
      onUnsubscribe() {},
      onAck() {},
      onNack: (type, _nonce, message) => console.error(`Envoy refused ${type}: ${message}`),
      onClose() {},
    };
  }
}

/** Builds the routes of a host on the HTTP port, which respond to every request with the version. */
export function answering(host: string, version: string): XdsResource {
  const body = { specifier: { $case: 'inlineString' as const, value: version } };
  const message = compile.emptyRouteConfiguration(`${PORTS.http}|${host}`);
  message.virtualHosts[0]!.routes = [
    Route.fromPartial({
      match: { pathSpecifier: { $case: 'path', value: VERSION_PATH } },
      action: { $case: 'directResponse', value: { status: 200, body } },
    }),
  ];
  return { ...encodeRoutes(message), version };
}
