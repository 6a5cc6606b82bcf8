import type { EndpointState } from '../../../wire/endpoint-health.ts';
import { parseClusterName } from '../../compile/index.ts';
import type { NameProblem } from '../../names/names.ts';
import type { FleetState } from './fleet-state.ts';

const CONSEQUENCE: Readonly<Record<NameProblem['state'], string>> = {
  'last-good': '; its last good addresses are in use',
  unknown: '; it had no addresses before',
  denied: '',
};

/** Returns the endpoints of a cluster whose names have a problem. Clusters for copies of requests are not reported. */
export function unresolvedIn(
  state: FleetState,
  cluster: string,
  problems: ReadonlyMap<string, NameProblem>,
): EndpointState[] {
  const { tenant, upstream, isMirror } = parseClusterName(cluster);
  const spec = isMirror ? undefined : state.tenants.get(tenant)?.configuration.get('upstream', upstream);
  const seen = new Set<string>();
  return (spec?.endpoints ?? []).flatMap(({ address, port = spec!.port }): EndpointState[] => {
    const problem = problems.get(address.toLowerCase());
    if (!problem || seen.has(`${address} ${port}`)) return [];
    seen.add(`${address} ${port}`);
    const reason = `the name ${problem.reason}${CONSEQUENCE[problem.state]}`;
    return [{ address, port, state: 'unresolved', reason, since: problem.since }];
  });
}
