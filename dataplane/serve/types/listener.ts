import { typeUrl } from '../../envoy/any.ts';
import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import type { XdsResource } from '../../xds/resource.ts';
import type { Client } from '../client.ts';
import { hashed } from '../encode.ts';
import type { TypeHandlers, XdsType } from '../type.ts';

const url = typeUrl('envoy.config.listener.v3.Listener');

export const encodeListener = (message: Listener): XdsResource =>
  hashed(message.name, url, Listener.encode(message).finish());

/** The fleet's listeners. A tenant can only change its own filter chains in them. */
export const listener: XdsType = {
  id: 'listener',
  url,
  isWholeState: true,
  servedTo: { edge: true, sidecar: true, proxyless: true },
  pace: { batch: 1, window: 128 },
  isConfidential: false,
  owner: () => undefined,
  // Listeners depend on the role of the client, so its view builds them.
  find: () => undefined,
  versionIn: () => undefined,
  partsIn: () => undefined,
  isChangedBy: () => false,
  open,
};

function open(client: Client): TypeHandlers {
  const { catalog, listenerChains, listenerRejections, reports, tenantChains } = client;
  /** Returns the names of the listeners. If they cannot be built, it reports the error and returns none. */
  const names = (): Iterable<string> => {
    try {
      return client.view.listeners(client)?.keys() ?? [];
    } catch (error) {
      reports.failed(listener, '', [], error);
      return [];
    }
  };
  return {
    target: (name) => client.view.listener(client, name),
    acked: (name) => {
      listenerChains.acked(name);
      listenerRejections.remove(name);
      tenantChains.acked(name);
    },
    nacked: (name, _resource, _entries, message) => {
      if (!listenerChains.nacked(name, message)) listenerRejections.add(name, message);
    },
    failed: (name, entries, error) => {
      reports.failed(listener, name, entries, error);
      return undefined;
    },
    subscribedToAll: (have) => {
      for (const name of [...have.keys(), ...names()]) client.lane('listener').mark(name);
    },
    changed: (change, entry) => {
      for (const name of tenantChains.changedBy(change)) client.lane('listener').mark(name, entry);
    },
    isKnown: () => catalog.state.description !== undefined,
    fleetChanged: () => {
      if (!client.stream.wildcard(url)) return [];
      return new Set([...client.lane('listener').sent.keys(), ...listenerRejections.names, ...names()]);
    },
    closed: () => listenerRejections.close(),
  };
}
