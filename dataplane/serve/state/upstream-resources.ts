import type { Configuration } from '../../../model/configuration.ts';
import * as compile from '../../compile/index.ts';
import type { XdsType } from '../type.ts';
import type { FleetState } from './fleet-state.ts';

/**
 * The limit on bytes under way, for clusters and for endpoints separately. Envoy needs 25 ms for 1,000 new endpoints
 * (35 KB). It handles them on its main thread, which also loads the hosts of all tenants and reads their changes.
 */
const BYTES_UNDER_WAY = 32 * 1024;

type Shared = 'servedTo' | 'pace' | 'isConfidential' | 'owner' | 'partsIn' | 'isChangedBy' | 'isSame';

/** What the types that are compiled from one upstream have in common: clusters, and endpoints under the same names. */
export const ofUpstream: Pick<XdsType, Shared> = {
  servedTo: { edge: true, sidecar: true, proxyless: true },
  pace: { batch: 1, window: 128, bytes: BYTES_UNDER_WAY },
  isConfidential: false,
  owner: (_state, name) => tenantOf(name),
  partsIn: (_source, name) => ({ kind: 'upstream', names: [compile.parseClusterName(name).upstream] }),
  isChangedBy: ({ onlyEndpoints }) => !onlyEndpoints,
  isSame: ({ configuration: before }, { configuration: after }) => {
    if (before.shares('upstream', after)) return true;
    return (name) => {
      const { upstream } = compile.parseClusterName(name);
      return before.get('upstream', upstream) === after.get('upstream', upstream);
    };
  },
};

/** Returns the tenant that a cluster and its endpoints belong to. */
export const tenantOf = (cluster: string): string => compile.parseClusterName(cluster).tenant;

/** Returns whether the configuration has the upstream, and the subset if any, of a cluster name. */
export function hasUpstream(configuration: Configuration, name: string): boolean {
  const { upstream, subset } = compile.parseClusterName(name);
  const spec = configuration.get('upstream', upstream);
  return spec !== undefined && (subset === undefined || (spec.subsets ?? []).some((known) => known.name === subset));
}

/**
 * Whether endpoints of a cluster can become unhealthy, and the API has a place for their health. Copies of requests have
 * clusters of their own.
 */
export function hasWatch(state: FleetState, cluster: string): boolean {
  const { tenant, upstream, isMirror } = compile.parseClusterName(cluster);
  const spec = state.tenants.get(tenant)?.configuration.get('upstream', upstream);
  return !isMirror && (spec?.healthChecks !== undefined || spec?.outlierDetection !== undefined);
}
