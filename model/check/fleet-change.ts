import { denial, type Fleet, offers, portNotOffered, refusal, selects } from '../fleet.ts';
import type { Gateway, Server } from '../kinds/gateway.ts';
import type { Upstream } from '../kinds/upstream.ts';
import type { Pausable } from '../pausable.ts';
import { carries } from '../values/labels.ts';
import { resourceName, type Violation } from '../violations.ts';

/** One fleet before and after a change; undefined when there was or will be no such fleet. */
export interface FleetChange {
  before?: Fleet | undefined;
  after?: Fleet | undefined;
  /** All other fleets. */
  others: readonly Fleet[];
}

/** Whether the change can leave a resource unserved: a change that only adds ports cannot. */
export function mayStop(change: FleetChange): boolean {
  const { before, after } = change;
  if (!before || !after || movesGateways(change)) return true;
  const { denyDestinations: denied = [] } = before;
  return (
    (after.denyDestinations ?? []).some((range) => !denied.includes(range)) ||
    before.ports.some((port) => !offers(after, port))
  );
}

/** Whether the change can make the fleet serve other gateways. */
export function movesGateways({ before, after }: FleetChange): boolean {
  if (!before || !after || before.tenant !== after.tenant) return true;
  return !carries(before.labels, after.labels) || !carries(after.labels, before.labels);
}

/** Whether the fleet serves one of these gateways, before or after. */
export const servesAny = ({ before, after }: FleetChange, tenant: string, gateways: Entries<Gateway>): boolean =>
  gateways.some(([, gateway]) => isSelectedBy(before, tenant, gateway) || isSelectedBy(after, tenant, gateway));

type Entries<T> = readonly (readonly [name: string, spec: T])[];

const isSelectedBy = (fleet: Fleet | undefined, tenant: string, gateway: Gateway): boolean =>
  fleet !== undefined && selects(gateway, tenant, fleet);

/**
 * The resources of one tenant that no fleet serves any more because of the change, and those that this fleet would
 * begin to serve but for its rules. Resources that were unserved before for the same reason are omitted. `path` is a
 * pointer into the resource.
 */
export function* unservedBy(
  change: FleetChange,
  tenant: string,
  gateways: Entries<Gateway>,
  upstreams: Entries<Upstream>,
): Pausable<Violation[]> {
  const found: Violation[] = [];
  for (const [name, gateway] of gateways) {
    yield;
    for (const why of yield* ofGateway(change, tenant, gateway))
      found.push({ resource: resourceName('gateway', name), ...why });
  }
  const serves = (fleet: Fleet | undefined) => gateways.some(([, gateway]) => isSelectedBy(fleet, tenant, gateway));
  if (!change.after || !serves(change.after)) return found;
  const before = serves(change.before) ? change.before : undefined;
  for (const [name, { endpoints }] of upstreams) {
    for (const [index, { address }] of endpoints.entries()) {
      yield;
      const message = denial(change.after, address);
      if (message === undefined || (before && denial(before, address) !== undefined)) continue;
      found.push({
        resource: resourceName('upstream', name),
        path: `/endpoints/${index}/address`,
        code: 'destination-denied',
        message,
      });
    }
  }
  return found;
}

type Why = Omit<Violation, 'resource'>;

function* ofGateway(change: FleetChange, tenant: string, gateway: Gateway): Pausable<Why[]> {
  const before = isSelectedBy(change.before, tenant, gateway) ? change.before : undefined;
  const after = isSelectedBy(change.after, tenant, gateway) ? change.after : undefined;
  const others = change.others.filter((fleet) => selects(gateway, tenant, fleet));
  // Another fleet that serves the gateway may still serve it.
  const isElsewhere = ({ port }: Server) => others.some((fleet) => offers(fleet, port));
  if (!after)
    return before && !gateway.servers.every((server) => isElsewhere(server) || !offers(before, server.port))
      ? [{ path: '', code: 'not-served', message: whyNot(change, before) }]
      : [];
  const found: Why[] = [];
  for (const [index, server] of gateway.servers.entries()) {
    const at = `/servers/${index}`;
    if (!offers(after, server.port)) {
      const isNew = before ? offers(before, server.port) : others.length === 0;
      if (isNew && !isElsewhere(server)) found.push({ path: `${at}/port`, ...portNotOffered(after, server.port) });
      continue;
    }
    for (const [index, host] of server.hosts.entries()) {
      yield;
      const refused = refusal(after, host);
      if (!refused || (before && refusal(before, host))) continue;
      found.push({ path: `${at}/hosts/${index}`, code: refused.code, message: refused.reason });
    }
  }
  return found;
}

function whyNot({ after }: FleetChange, before: Fleet): string {
  if (!after) return `the fleet ${before.name} is removed`;
  return after.tenant !== undefined && after.tenant !== before.tenant
    ? `the fleet ${after.name} serves the tenant ${after.tenant} alone`
    : `the fleet ${after.name} no longer carries the labels that it selects`;
}
