import {
  denial,
  type Fleet,
  hasPort,
  http3NotOffered,
  http3Refusal,
  offers,
  portNotOffered,
  refusal,
  selects,
  WITHDRAWN,
} from '../fleet.ts';
import type { Gateway, Server } from '../kinds/gateway.ts';
import type { Upstream } from '../kinds/upstream.ts';
import type { Pausable } from '../pausable.ts';
import { carries } from '../values/labels.ts';
import { resourceName, type Violation } from '../violations.ts';

/** One fleet before and after a change. `before` is undefined for a new fleet, `after` for a deleted one. */
export interface FleetMove {
  before?: Fleet | undefined;
  after?: Fleet | undefined;
}

/** A change of a fleet, as it affects one tenant. */
export interface FleetChange extends FleetMove {
  /** The other fleets that may serve the tenant. */
  others: readonly Fleet[];
}

/** Whether the change can make a resource unserved. A change that only adds ports, for example, cannot. */
export function mayStop(change: FleetMove): boolean {
  const { before, after } = change;
  if (!before || !after || movesGateways(change)) return true;
  const { denyDestinations: denied = [] } = before;
  return (
    (after.denyDestinations ?? []).some((range) => !denied.includes(range)) ||
    before.ports.some((port) => !hasPort(after, port) || losesHttp3(before, after, port.number)) ||
    (before.portRanges ?? []).some(
      (range) => ![range.from, range.to].every((number) => hasPort(after, { ...range, number })),
    )
  );
}

/** Whether a fleet can no longer serve HTTP/3 on a port. */
const losesHttp3 = (before: Fleet | undefined, after: Fleet, number: number): boolean =>
  http3Refusal(after, number) !== undefined && !(before && http3Refusal(before, number) !== undefined);

/** Whether the change can make the fleet serve different gateways: it changes the labels or the tenant of the fleet. */
export function movesGateways({ before, after }: FleetMove): boolean {
  if (!before || !after || before.tenant !== after.tenant) return true;
  return !carries(before.labels, after.labels) || !carries(after.labels, before.labels);
}

/** Whether one of the tenant's gateways selects the fleet, before or after the change. */
export const isSelectedByAny = ({ before, after }: FleetMove, tenant: string, gateways: Entries<Gateway>): boolean =>
  gateways.some(([, gateway]) => isSelectedBy(before, tenant, gateway) || isSelectedBy(after, tenant, gateway));

type Entries<T> = readonly (readonly [name: string, spec: T])[];

const isSelectedBy = (fleet: Fleet | undefined, tenant: string, gateway: Gateway): boolean =>
  fleet !== undefined && selects(gateway, tenant, fleet);

/**
 * Finds the resources of one tenant that a change of a fleet makes unserved: those that no fleet serves any more, and
 * those that the fleet would begin to serve if its rules allowed it. Parts that were unserved before for the same
 * reason are omitted. It pauses once per gateway, host and endpoint.
 *
 * @param gateways all gateways of the tenant
 * @param upstreams all upstreams of the tenant
 * @returns one violation per gateway, port, host or endpoint; `path` is a JSON pointer inside its spec
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
  const isElsewhere = (server: Server) => others.some((fleet) => offers(fleet, server));
  if (!after)
    return before && !gateway.servers.every((server) => isElsewhere(server) || !offers(before, server))
      ? [{ path: '', code: 'not-served', message: whyNot(change, before) }]
      : [];
  const found: Why[] = [];
  for (const [index, server] of gateway.servers.entries()) {
    if (server.hosts.every((host) => host === WITHDRAWN)) continue;
    const at = `/servers/${index}`;
    if (!offers(after, server)) {
      const isNew = before ? offers(before, server) : others.length === 0;
      if (isNew && !isElsewhere(server)) found.push({ path: `${at}/port`, ...portNotOffered(after, server.port) });
      continue;
    }
    if (server.http3 && losesHttp3(before, after, server.port.number) && !isElsewhere(server))
      found.push({ path: `${at}/http3`, ...http3NotOffered(http3Refusal(after, server.port.number)!) });
    for (const [index, host] of server.hosts.entries()) {
      yield;
      const refused = refusal(after, host, server.port.protocol);
      if (!refused || (before && refusal(before, host, server.port.protocol))) continue;
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
