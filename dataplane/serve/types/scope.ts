import { scopeTable } from '../../../model/binding/scope-table.ts';
import * as compile from '../../compile/index.ts';
import { typeUrl } from '../../envoy/any.ts';
import { ScopedRouteConfiguration } from '../../envoy/gen/envoy/config/route/v3/scoped_route.ts';
import type { XdsResource } from '../../xds/resource.ts';
import type { Client } from '../client.ts';
import { wrapped } from '../encode.ts';
import { scopeVersion, sentName } from '../hosts/scope-sync.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { type OwnedResource, orAbsent, reporting, type TypeHandlers, type XdsType } from '../type.ts';

const url = typeUrl('envoy.config.route.v3.ScopedRouteConfiguration');

export const encodeScope = (message: ScopedRouteConfiguration): XdsResource => ({
  name: message.name,
  version: scopeVersion(message.routeConfigurationName),
  body: wrapped(url, ScopedRouteConfiguration.encode(message).finish()),
});

/**
 * ScopedRouteConfigurations: one per host and port. Scope keys are unique, so Envoy has no reason to reject a scope.
 * One response therefore carries up to a thousand. The lane uses the scope key as the name. Envoy knows the scope under
 * a digest of the key (`scopeName`).
 */
export const scope: XdsType = {
  id: 'scope',
  url,
  isWholeState: true,
  servedTo: { edge: true, sidecar: true, proxyless: false },
  pace: { batch: 1000, window: 1, versionless: true },
  isConfidential: false,
  owner: (state, key) => state.scopeHolder(key),
  find,
  versionIn: ({ configuration, owner, fleet }, key) => {
    const { zone, host } = compile.parseScopeKey(key);
    return scopeTable(configuration, owner, fleet).scope(compile.portOfZone(zone), host) && key;
  },
  partsIn: () => undefined,
  isChangedBy: () => false,
  open,
};

/**
 * Builds a scope.
 *
 * @param routes the name of the RouteConfiguration to which the scope points
 * @returns undefined when no tenant serves the scope
 */
function find(state: FleetState, routes: string): OwnedResource | undefined {
  const { key } = compile.parseRoutesName(routes);
  const tenant = state.scopeHolder(key);
  if (tenant === undefined) return undefined;
  const { zone, host } = compile.parseScopeKey(key);
  return { resource: encodeScope(compile.scope(zone, host, routes)), tenant };
}

function open(client: Client): TypeHandlers {
  const { catalog, reports } = client;
  return {
    ...reporting(client, scope),
    // The client may send a scope name from before this stream. The key of the name is unknown, so the scope is absent.
    target: (key) => orAbsent(catalog.state, catalog.get(scope, client.scopes.target(key))?.resource),
    send: (resources, removed) => client.send(scope, resources, removed.map(sentName)),
    acked: (name, resource) => {
      reports.settled(scope, name);
      if (!resource) client.scopes.forget(name);
    },
    subscribedToAll: (have) => client.scopes.start(have),
    answered: () => client.scopes.answered(),
    changed: ({ scopesAdded, scopesRemoved }, entry) => {
      for (const key of scopesAdded) client.scopes.mark(key, entry);
      // A loaded host first gets an empty RouteConfiguration. Its scope is removed after the client acknowledged it.
      for (const key of scopesRemoved) if (client.routes.loadedNames(key).length === 0) client.scopes.mark(key, entry);
    },
  };
}
