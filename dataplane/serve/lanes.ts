import { parseClusterName } from '../compile/index.ts';
import { TYPES, type TypeUrl, type XdsResource } from '../xds/resource.ts';
import type { Stream } from '../xds/stream.ts';
import type { ClusterUse } from './cluster-use.ts';
import type { Desire } from './desire.ts';
import { reasonOf } from './failure.ts';
import { Lane } from './lane.ts';
import type { LaneOptions } from './lane-options.ts';
import type { Entry } from './ledger.ts';
import type { ListenerRefusals } from './listener-refusals.ts';
import type { Owners } from './owners.ts';
import type { Refusals } from './refusals.ts';
import type { RouteAnswers } from './route-answers.ts';
import { type ScopeSync, sentName } from './scope-sync.ts';
import { sendRoutes } from './send-routes.ts';

/** Most RouteConfigurations per response. Only those of a burst share one: a single change is sent at once. */
const ROUTES_TOGETHER = 64;

/**
 * Bytes of clusters under way, and of endpoints: Envoy takes 50 ms for 2,000 new endpoints (70 KB), on the thread on which it
 * loads the hosts of all tenants.
 */
const CLUSTERS_UNDER_WAY = 64 * 1024;

/** In flush order: a resource goes before those that refer to it. */
export type Lanes = Record<TypeUrl, Lane>;

export interface LanesOptions {
  stream: Stream;
  owners: Owners;
  refusals: Refusals;
  listenerRefusals: ListenerRefusals;
  acked: (entry: Entry) => void;
  // These are made after the lanes, because they use them.
  desire: () => Desire;
  use: () => ClusterUse;
  routes: () => RouteAnswers;
  scopes: () => ScopeSync;
}

type Specifics = Pick<LaneOptions, 'desired'> & Partial<LaneOptions>;

/** One client's lane per resource type. */
export function makeLanes(options: LanesOptions): Lanes {
  const { listenerRefusals, desire } = options;
  const lane = (type: TypeUrl, specifics: Specifics) => makeLane(options, type, specifics);
  const lanes: Lanes = {
    [TYPES.listener]: lane(TYPES.listener, {
      desired: (name) => desire().listener(name),
      settled: (name) => listenerRefusals.remove(name),
      refused: (name, _resource, _entries, message) => listenerRefusals.add(name, message),
    }),
    [TYPES.cluster]: lane(TYPES.cluster, {
      ...ofClusters(options, TYPES.cluster, () => lanes),
      desired: (name) => desire().cluster(name),
      refused: (name, _resource, entries, message) => {
        options.refusals.refused(TYPES.cluster, name, entries, message);
        options.routes().clusterFailed(name, `is refused: ${message}`);
      },
    }),
    [TYPES.endpoints]: lane(
      TYPES.endpoints,
      ofEndpoints(options, () => lanes),
    ),
    [TYPES.routes]: lane(TYPES.routes, ofRoutes(options)),
    [TYPES.secret]: lane(TYPES.secret, { desired: (name) => desire().secret(name) }),
    [TYPES.scope]: lane(TYPES.scope, ofScopes(options)),
  };
  return lanes;
}

/**
 * Unless a type's specifics say otherwise, each response carries one resource, so a refusal names the resource at
 * fault.
 */
function makeLane({ stream, owners, refusals, acked }: LanesOptions, type: TypeUrl, specifics: Specifics) {
  return new Lane({
    type,
    batch: 1,
    window: 128,
    tenantOf: (name) => owners.owner(type, name) ?? name,
    send: (url, resources, removed) => stream.send(url, resources, removed),
    acked,
    settled: (name, resource, entries) => refusals.over(type, name, entries, resource?.version),
    refused: (name, _resource, entries, message) => refusals.refused(type, name, entries, message),
    failed: (name, entries, error): XdsResource | undefined => {
      refusals.failed(type, name, entries, error);
      return undefined;
    },
    ...specifics,
  });
}

/** Clusters and their endpoints: routes may wait for either. */
function ofClusters({ refusals, desire, use, routes }: LanesOptions, type: TypeUrl, lanes: () => Lanes) {
  return {
    bytes: CLUSTERS_UNDER_WAY,
    tenantOf: (name) => parseClusterName(name).tenant,
    left: (name) => desire().reconsiderRoutes(name),
    failed: (name, entries, error): XdsResource | undefined => {
      refusals.failed(type, name, entries, error);
      const last = type === TYPES.endpoints ? use().lastEndpoints(name) : undefined;
      if (!last && !lanes()[type].mayHold(name)) routes().clusterFailed(name, `could not be sent: ${reasonOf(error)}`);
      return last;
    },
  } satisfies Partial<LaneOptions>;
}

function ofEndpoints(options: LanesOptions, lanes: () => Lanes): Specifics {
  const { refusals, desire, use } = options;
  return {
    ...ofClusters(options, TYPES.endpoints, lanes),
    desired: (name) => desire().endpoints(name),
    settled: (name, resource, entries) => {
      if (resource) use().accepted(name, resource);
      refusals.over(TYPES.endpoints, name, entries, resource?.version);
    },
  };
}

function ofRoutes({ stream, owners, refusals, desire, routes }: LanesOptions): Specifics {
  return {
    batch: ROUTES_TOGETHER,
    desired: (name) => desire().routes(name),
    send: sendRoutes(stream, owners),
    settled: (name, resource, entries) => routes().settled(name, resource, entries),
    refused: (name, resource, entries, message) => routes().refused(name, resource, entries, message),
    failed: (name, entries, error) => {
      refusals.failed(TYPES.routes, name, entries, error);
      return routes().failed(name);
    },
  };
}

/** Scope keys are unique, so Envoy has no reason to refuse one, and a response carries a thousand. */
function ofScopes({ stream, refusals, desire, scopes }: LanesOptions): Specifics {
  return {
    batch: 1000,
    window: 1,
    versionless: true,
    send: (url, resources, removed) => stream.send(url, resources, removed.map(sentName)),
    desired: (name) => desire().scope(name, scopes().target(name)),
    settled: (name, resource) => {
      refusals.settled(TYPES.scope, name);
      if (!resource) scopes().forget(name);
    },
  };
}
