import * as compile from '../../compile/index.ts';
import { typeUrl } from '../../envoy/any.ts';
import { Cluster } from '../../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import type { XdsResource } from '../../xds/resource.ts';
import type { Client } from '../client.ts';
import { hashed } from '../encode.ts';
import { reasonOf } from '../failure.ts';
import type { Target } from '../sending/lane-options.ts';
import { hasUpstream, hasWatch, ofUpstream, tenantOf } from '../state/upstream-resources.ts';
import { type OwnedResource, orAbsent, reporting, type Source, type TypeHandlers, type XdsType } from '../type.ts';

const url = typeUrl('envoy.config.cluster.v3.Cluster');

/**
 * How long, in ms, the clusters of a reconnected Envoy are kept for routes to which it has not yet subscribed again.
 */
const GRACE_MS = 30_000;

export const encodeCluster = (message: Cluster): XdsResource =>
  hashed(message.name, url, Cluster.encode(message).finish());

/** Clusters: the upstreams, and subsets of upstreams, to which loaded hosts send requests. */
export const cluster: XdsType = {
  id: 'cluster',
  url,
  isWholeState: true,
  ...ofUpstream,
  isSame: (before, after) => before.mostPerCluster === after.mostPerCluster && ofUpstream.isSame!(before, after),
  find: (state, name) => state.compiled(cluster, tenantOf(name), name, build),
  versionIn: (source, name) => build(source, name)?.resource.version,
  open,
};

/** Builds a cluster. Returns undefined when the configuration does not have the upstream or the subset. */
function build(
  { configuration, owner, fleet, mostPerCluster }: Source,
  name: string,
): Omit<OwnedResource, 'tenant'> | undefined {
  if (!hasUpstream(configuration, name)) return undefined;
  const { message, needs } = compile.cluster(configuration, owner, fleet, name, mostPerCluster);
  return {
    resource: encodeCluster(message),
    ...(needs.secrets.length > 0 && { needs }),
    ...(message.healthChecks.length > 0 && { first: encodeCluster({ ...message, healthChecks: [] }) }),
  };
}

function open(client: Client): TypeHandlers {
  const { owners, reports } = client;
  let grace: NodeJS.Timeout | undefined;
  return {
    ...reporting(client, cluster),
    target: (name) => target(client, name),
    nacked: (name, _resource, entries, message) => {
      reports.rejected(cluster, name, entries, message);
      client.clusterFailed(name, `is rejected: ${message}`);
    },
    failed: (name, entries, error) => {
      reports.failed(cluster, name, entries, error);
      if (!client.lane('cluster').mayHold(name)) client.clusterFailed(name, `could not be sent: ${reasonOf(error)}`);
      return undefined;
    },
    turnOf: tenantOf,
    sent: (name) => client.clusterSent(name),
    // The client already holds this version, so nothing is sent. Routes may still wait for the cluster.
    brought: (name) => client.clusterSent(name),
    subscribedToAll: (have) => {
      for (const name of have.keys()) owners.own(cluster, name, tenantOf(name));
      client.use.adopt(have.keys());
      // The tenant may have changed the cluster while no agent served the client.
      for (const name of have.keys()) client.lane('cluster').mark(name);
      client.watched.adopt(have.keys());
      grace = setTimeout(() => {
        client.use.dropAdopted();
        client.flush();
      }, GRACE_MS);
      grace.unref();
    },
    retry: (name) => client.use.retry(name),
    closed: () => clearTimeout(grace),
  };
}

/**
 * Returns the target state of a cluster. The agent sends a cluster before the routes that use it, and removes the
 * cluster only after the last of these routes.
 */
function target(client: Client, name: string): Target {
  const { catalog, stream, owners, secrets, use, view } = client;
  const [lane, endpoints] = [client.lane('cluster'), client.lane('endpoints')];
  owners.own(cluster, name, tenantOf(name));
  const isWanted = use.wanted(name) || (!stream.wildcard(url) && stream.subscribed(url, name));
  const found = isWanted ? catalog.get(cluster, name) : undefined;
  // The upstream is deleted, but routes in Envoy still use the cluster. It is removed with the last of these routes.
  if (isWanted && !found && lane.mayHold(name)) return 'keep';
  secrets.set(name, found?.needs?.secrets ?? []);
  const result = orAbsent(catalog.state, found && view.cluster(formFor(client, name, found)));
  client.watched.set(name, typeof result === 'object' && hasWatch(catalog.state, name));
  if (result === 'absent') {
    owners.forget(cluster, name);
    // Envoy drops the endpoints with the cluster. If the cluster returns, its endpoints must be sent before its routes.
    endpoints.sent.delete(name);
  } else if (typeof result === 'object' && lane.sent.get(name) !== result.version) {
    // Envoy warms a changed cluster again, and finishes only when it gets the endpoints again.
    // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#resource-warming
    if (endpoints.sent.has(name)) endpoints.request(name);
    else if (lane.sent.has(name)) use.sentBeforeEndpoints(name);
  }
  return result;
}

/** Returns the first form of a cluster until the client has the endpoints. A client that reconnects may have them. */
function formFor(client: Client, name: string, { resource, first }: OwnedResource): XdsResource {
  const isInUse = client.use.lastEndpoints(name) || client.lane('cluster').sent.get(name) === resource.version;
  return isInUse ? resource : (first ?? resource);
}
