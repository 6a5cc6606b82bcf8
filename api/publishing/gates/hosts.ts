import { hostsIn, isSelected } from '../../../model/kinds/index.ts';
import { enumerate } from '../../../model/values/quote.ts';
import { resourceName } from '../../../model/violations.ts';
import { isClaiming } from '../../fleets/serving.ts';
import { Problem, type ProblemViolation } from '../../problem.ts';
import type { Fleet } from '../../store/fleets.ts';
import type { Placement } from '../check.ts';
import type { Change } from '../head.ts';

/** What asked for the hosts. */
interface Asking {
  all: readonly Fleet[];
  tenant: string;
  changes: readonly Change[];
  placed: Placement;
}

export const hostTaken = (hosts: readonly string[], asking: Asking): Problem =>
  new Problem('host-taken', {
    detail: `held by another tenant: ${enumerate(hosts)}`,
    violations: heldByOthers(hosts, asking),
  });

/** One violation for each host, at the first place that asks for it. Names the host, never who holds it. */
export function heldByOthers(hosts: readonly string[], asking: Asking): ProblemViolation[] {
  const places = hosts.length > 0 ? placesOf(new Set(hosts), asking) : undefined;
  return hosts.map((host) => ({
    path: '',
    ...places?.get(host),
    code: 'host-taken',
    message: `${host} is held by another tenant, or overlaps a host that is`,
  }));
}

/** Only a written gateway asks for a host that the tenant does not hold yet. */
function placesOf(asked: ReadonlySet<string>, { all, tenant, changes, placed }: Asking) {
  const places = new Map<string, Pick<ProblemViolation, 'resource' | 'path' | 'pointer'>>();
  for (const change of changes) {
    if (change.verb !== 'put' || !isSelected(change)) continue;
    if (!isClaiming(all, tenant, change.spec)) continue;
    const resource = resourceName(change.kind, change.name);
    const at = placed(resource);
    for (const [host, path] of hostsIn(change.kind, change.spec)) {
      if (!asked.has(host) || places.has(host)) continue;
      places.set(host, { resource, path, ...(at !== undefined && { pointer: at + path }) });
    }
  }
  return places;
}
