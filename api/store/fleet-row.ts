import type { Value } from './driver.ts';
import type { Fleet } from './fleets.ts';

/** Encodes labels as JSON with sorted members, so that equal labels are equal text. */
const sorted = (labels: Record<string, string>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));

/** Makes the values of the columns of a fleet. */
export function row(fleet: Fleet): Record<string, Value> {
  const { name, createdAt, version, seq } = fleet;
  // In this order, so that equal ports are equal text.
  const ports = fleet.ports.map(({ number, bind, protocol, proxyProtocol, headers, idleTimeout }) => ({
    number,
    bind,
    protocol,
    ...(proxyProtocol && { proxyProtocol: { trustedPeers: proxyProtocol.trustedPeers } }),
    ...(headers && {
      headers: { underscores: headers.underscores, maxKilobytes: headers.maxKilobytes, maxCount: headers.maxCount },
    }),
    ...(idleTimeout !== undefined && { idleTimeout }),
  }));
  return {
    name,
    createdAt,
    version,
    seq,
    labels: sorted(fleet.labels),
    ports: JSON.stringify(ports),
    portRanges: fleet.portRanges?.length ? JSON.stringify(fleet.portRanges) : null,
    denyDestinations: JSON.stringify(fleet.denyDestinations),
    address: fleet.address ?? null,
    tenant: fleet.tenant ?? null,
    managedBy: fleet.managedBy ?? null,
  };
}

interface FleetRow extends Pick<Fleet, 'name' | 'createdAt' | 'version' | 'seq'> {
  labels: string;
  ports: string;
  portRanges: string | null;
  denyDestinations: string;
  address: string | null;
  tenant: string | null;
  managedBy: string | null;
}

/** Makes a fleet from the values of its columns. */
export function read({
  labels,
  ports,
  portRanges,
  denyDestinations,
  address,
  tenant,
  managedBy,
  ...rest
}: FleetRow): Fleet {
  return {
    ...rest,
    labels: JSON.parse(labels),
    ports: JSON.parse(ports),
    ...(portRanges === null ? {} : { portRanges: JSON.parse(portRanges) }),
    denyDestinations: JSON.parse(denyDestinations),
    ...(address === null ? {} : { address }),
    ...(tenant === null ? {} : { tenant }),
    ...(managedBy === null ? {} : { managedBy: 'tenant' as const }),
  };
}
