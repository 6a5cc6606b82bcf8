import type { Endpoint } from '../../../model/kinds/upstream.ts';
import * as compile from '../../compile/index.ts';
import { typeUrl } from '../../envoy/any.ts';
import { ClusterLoadAssignment } from '../../envoy/gen/envoy/config/endpoint/v3/endpoint.ts';
import type { XdsResource } from '../../xds/resource.ts';
import type { Client } from '../client.ts';
import { hashed } from '../encode.ts';
import { reasonOf } from '../failure.ts';
import { hasUpstream, ofUpstream, tenantOf } from '../state/upstream-resources.ts';
import { type OwnedResource, orAbsent, reporting, type Source, type TypeHandlers, type XdsType } from '../type.ts';
import { cluster } from './cluster.ts';

const url = typeUrl('envoy.config.endpoint.v3.ClusterLoadAssignment');

export const encodeEndpoints = (message: ClusterLoadAssignment): XdsResource =>
  hashed(message.clusterName, url, ClusterLoadAssignment.encode(message).finish());

/** ClusterLoadAssignments: the endpoints of each cluster that uses EDS, under the name of the cluster. */
export const endpoints: XdsType = {
  id: 'endpoints',
  url,
  isWholeState: false,
  ...ofUpstream,
  isChangedBy: () => true,
  isSame: (before, after) => {
    const isSame = ofUpstream.isSame!(before, after);
    if (isSame === true && before.registered.size === 0 && after.registered.size === 0) return true;
    return (name) => {
      const { upstream } = compile.parseClusterName(name);
      if (before.registered.get(upstream) !== after.registered.get(upstream)) return false;
      return typeof isSame === 'function' ? isSame(name) : isSame;
    };
  },
  find: (state, name) => state.compiled(endpoints, tenantOf(name), name, build),
  versionIn: (source, name) => build(source, name)?.resource.version,
  open,
};

/**
 * Builds endpoints. Returns undefined when the upstream or subset does not exist, or Envoy resolves the name (`dns:
 * logical`).
 */
function build(
  { configuration, registered, fleet, resolve }: Source,
  name: string,
): Omit<OwnedResource, 'tenant'> | undefined {
  if (!hasUpstream(configuration, name)) return undefined;
  const more = parsed(registered.get(compile.parseClusterName(name).upstream) ?? '[]');
  const resolved = new Map<string, readonly string[]>();
  const assignment = compile.endpoints(configuration, fleet, name, more, (host) => {
    const addresses = resolve(host);
    resolved.set(host, addresses);
    return addresses;
  });
  return assignment && { resource: encodeEndpoints(assignment), ...(resolved.size > 0 && { resolved }) };
}

let last: { json: string; endpoints: readonly Endpoint[] } | undefined;

/** Parses a list of registered endpoints. The clusters of the subsets of an upstream parse the same one in turn. */
function parsed(json: string): readonly Endpoint[] {
  if (last?.json !== json) last = { json, endpoints: JSON.parse(json) as Endpoint[] };
  return last.endpoints;
}

function open(client: Client): TypeHandlers {
  const { catalog, owners, reports } = client;
  return {
    ...reporting(client, endpoints),
    target: (name) => {
      owners.own(endpoints, name, tenantOf(name));
      const found = catalog.get(endpoints, name);
      const isAwaited = catalog.state.names.use(name, [...(found?.resolved?.keys() ?? [])]);
      // Until the first answer about a name, or until it fails, the client keeps what it has, and the change is not
      // live.
      if (isAwaited) return 'later';
      return orAbsent(catalog.state, found?.resource);
    },
    acked: (name, resource, entries) => {
      const isFirst = client.use.lastEndpoints(name) === undefined;
      if (resource) client.use.accepted(name, resource);
      if (isFirst && catalog.get(cluster, name)?.first) client.lane('cluster').mark(name);
      reports.acked(endpoints, name, entries, resource?.version);
    },
    failed: (name, entries, error) => {
      reports.failed(endpoints, name, entries, error);
      const last = client.use.lastEndpoints(name);
      if (!last && !client.lane('endpoints').mayHold(name))
        client.clusterFailed(name, `could not be sent: ${reasonOf(error)}`);
      return last;
    },
    turnOf: tenantOf,
    sent: (name) => client.clusterSent(name),
    brought: (name) => client.clusterSent(name),
    subscribed: (name) => {
      if (client.use.waitsForEndpoints(name)) client.lane('endpoints').request(name);
    },
  };
}
