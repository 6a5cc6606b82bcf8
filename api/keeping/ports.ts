import { missingIn, portsOf } from '../serving/port-claims.ts';
import { keyOf } from '../store/port-claims.ts';
import { error, type Finding, warning } from './finding.ts';
import type { TenantCheck } from './tenant-check.ts';

/** Compares the ports that a tenant claims on shared fleets with the servers of its gateways. */
export const ports: TenantCheck = {
  tables: ['portClaim'],
  isOfHead: true,
  *run({ tenant: { name }, fleets, gateways, ports }): Generator<Finding> {
    const at = `tenants/${name}`;
    const due = portsOf(fleets, name, gateways);
    const stored = new Map(ports.map((port) => [keyOf(port), port]));
    for (const { fleet, port } of missingIn(stored, due))
      yield warning(at, `it claims ${port} of the fleet ${fleet}, which none of its gateways uses there`);
    for (const { fleet, port } of missingIn(due, stored))
      yield error(
        at,
        `its gateways use ${port} of the fleet ${fleet}, but it does not claim it`,
        'change the gateway and change it back: its ports are then claimed again',
      );
  },
};
