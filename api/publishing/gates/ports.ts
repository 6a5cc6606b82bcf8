import { portZone } from '../../../model/binding/ports.ts';
import { isSelected } from '../../../model/kinds/index.ts';
import { sendsHost } from '../../../model/values/protocol.ts';
import { enumerate } from '../../../model/values/quote.ts';
import { resourceName } from '../../../model/violations.ts';
import { serves } from '../../serving/serving.ts';
import type { FleetPort } from '../../store/port-claims.ts';
import { effectsOf } from '../heads/effects.ts';
import { type Candidate, type Findings, type Gate, nothing } from './gate.ts';

/**
 * Prevents two tenants from using the same port of a shared fleet for a protocol whose clients send no host. The batch
 * of a write enforces this by a unique key. The gate predicts the result for a dry run.
 */
export const ports: Gate = {
  code: 'port-taken',
  async judge(candidate) {
    const { ctx, head, state, changes, fleets } = candidate;
    const { ports } = await effectsOf(fleets, head, state, changes);
    if (ports.add.length === 0) return nothing;
    return findingsOf(await ctx.store.commits.takenPorts(head.tenant, ports.add), candidate);
  },
  refused: (refusal, candidate) => (refusal.conflict === 'port' ? findingsOf(refusal.ports, candidate) : undefined),
};

/** Makes one violation per port and fleet. The message never names the tenant that has the port. */
function findingsOf(taken: readonly FleetPort[], candidate: Candidate): Findings {
  if (taken.length === 0) return nothing;
  const errors = taken.map((port) => ({
    path: '',
    ...placeOf(port, candidate),
    code: 'port-taken',
    message: `port ${port.port} of the fleet ${port.fleet} belongs to another tenant`,
    hint: 'choose another port that the fleet offers',
  }));
  return { errors, warnings: [], detail: `belongs to another tenant: ${enumerate(taken.map(({ port }) => port))}` };
}

/** Finds the first server in the written gateways that asks for the port of the fleet. */
function placeOf({ fleet: name, port }: FleetPort, { fleets: { all }, head: { tenant }, changes }: Candidate) {
  const fleet = all.find((each) => each.name === name);
  for (const change of changes) {
    if (change.verb !== 'put' || !isSelected(change) || !fleet || !serves(fleet, tenant, change.spec)) continue;
    const index = change.spec.servers.findIndex(
      (server) => !sendsHost(server.port.protocol) && portZone(server.port) === port,
    );
    if (index >= 0) return { resource: resourceName(change.kind, change.name), path: `/servers/${index}/port/number` };
  }
  return undefined;
}
