import type { Configuration } from '../../../model/configuration.ts';
import * as compile from '../../compile/index.ts';
import { typeUrl } from '../../envoy/any.ts';
import { Cluster } from '../../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import type { XdsResource } from '../../xds/resource.ts';
import type { Client } from '../client.ts';
import { hashed } from '../encode.ts';
import { reasonOf } from '../failure.ts';
import type { Target } from '../lane-options.ts';
import { orAbsent, type Parts, reporting, type Source, type TypeHandlers, type XdsType } from '../type.ts';

const url = typeUrl('envoy.config.cluster.v3.Cluster');

/** How long the clusters of an Envoy that reconnected are kept for the routes that it is about to ask for, in ms. */
const GRACE_MS = 30_000;

/**
 * Bytes of clusters under way, and of endpoints: Envoy takes 50 ms for 2,000 new endpoints (70 KB), on the thread on
 * which it loads the hosts of all tenants.
 */
export const BYTES_UNDER_WAY = 64 * 1024;

export const encodeCluster = (message: Cluster): XdsResource =>
  hashed(message.name, url, Cluster.encode(message).finish());

/** The upstreams, and subsets of upstreams, that the hosts in use send requests to. */
export const cluster: XdsType = {
  id: 'cluster',
  url,
  isWholeState: true,
  servedTo: { edge: true, proxyless: true },
  pace: { batch: 1, window: 128, bytes: BYTES_UNDER_WAY },
  isConfidential: false,
  owner: (_fleet, name) => compile.parseClusterName(name).tenant,
  answer: (fleet, name) => {
    const { tenant } = compile.parseClusterName(name);
    const resource = fleet.compiled(cluster, tenant, name, build);
    return resource && { resource, tenant };
  },
  versionIn: (source, name) => build(source, name)?.version,
  partsIn: upstreamOf,
  isChangedBy: () => true,
  isSame: isSameUpstream,
  open,
};

/** @returns undefined when the configuration lacks the upstream or the subset */
function build({ configuration, owner, fleet }: Source, name: string): XdsResource | undefined {
  if (!hasUpstream(configuration, name)) return undefined;
  return encodeCluster(compile.cluster(configuration, owner, fleet, name));
}

/** The upstream that a cluster and its endpoints are compiled from. */
export function upstreamOf(_source: Source, name: string): Parts {
  return { kind: 'upstream', names: [compile.parseClusterName(name).upstream] };
}

export function isSameUpstream(before: Configuration, after: Configuration): boolean | ((name: string) => boolean) {
  if (before.shares('upstream', after)) return true;
  return (name) => {
    const { upstream } = compile.parseClusterName(name);
    return before.get('upstream', upstream) === after.get('upstream', upstream);
  };
}

export function hasUpstream(configuration: Configuration, name: string): boolean {
  const { upstream, subset } = compile.parseClusterName(name);
  const spec = configuration.get('upstream', upstream);
  return spec !== undefined && (subset === undefined || (spec.subsets ?? []).some((known) => known.name === subset));
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
    turnOf: (name) => compile.parseClusterName(name).tenant,
    sent: (name) => client.clusterSent(name),
    // Nothing is sent for what the client holds as it is, and routes may wait for it.
    held: (name) => client.clusterSent(name),
    subscribedToAll: (have) => {
      for (const name of have.keys()) owners.own(cluster, name, compile.parseClusterName(name).tenant);
      client.use.adopt(have.keys());
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
 * A cluster is on the stream before the routes that send requests there, and is removed only after the last of them.
 */
function target(client: Client, name: string): Target {
  const { answers, stream, owners, use } = client;
  const [lane, endpoints] = [client.lane('cluster'), client.lane('endpoints')];
  owners.own(cluster, name, compile.parseClusterName(name).tenant);
  const isWanted = use.wanted(name) || (!stream.wildcard(url) && stream.subscribed(url, name));
  const found = isWanted ? answers.get(cluster, name)?.resource : undefined;
  // Deleted, but routes that Envoy holds still send requests there: it goes with the last of them.
  if (isWanted && !found && lane.mayHold(name)) return 'keep';
  const desired = orAbsent(answers.fleet, found);
  if (desired === 'absent') {
    owners.forget(cluster, name);
    // Envoy drops the endpoints with the cluster; should it come back, they must come again before its routes.
    endpoints.sent.delete(name);
  } else if (typeof desired === 'object' && lane.sent.get(name) !== desired.version && endpoints.sent.has(name)) {
    // A changed cluster warms again, and only when its endpoints come again.
    // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#resource-warming
    endpoints.ask(name);
  }
  return desired;
}
