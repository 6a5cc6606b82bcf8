import { fleetPathOf } from '../fleets/owners.ts';
import { type Operation, operation } from '../http/route.ts';
import { viewOf } from '../view.ts';
import { enrolAgent, fleetAgents, renewAgent } from './contract.ts';
import { enrol } from './enrol.ts';
import { list } from './list.ts';
import { renew } from './renew.ts';
import { revoke } from './revoke.ts';
import { Agent, AgentRenewed } from './schema.ts';

const view = viewOf(Agent);
const renewed = viewOf(AgentRenewed);

/** Makes the operations on the agents of the fleets of one kind of owner. */
function routesFor(contracts: typeof fleetAgents): Operation[] {
  return [
    operation(contracts.list, async (ctx, { params, query }) => {
      const { items, next } = await list(ctx, { ...fleetPathOf(params), ...query });
      return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
    }),
    operation(contracts.revoke, async (ctx, { params }) => {
      await revoke(ctx, { ...fleetPathOf(params), agent: String(params.agent) });
      return { status: 204 };
    }),
  ];
}

/** The operations by which agents enrol and renew their credentials, and those on enrolled agents. */
export const agentRoutes = (): Operation[] => [
  operation(enrolAgent, async (ctx, { body }) => ({ status: 200, body: await enrol(ctx, body) })),
  operation(renewAgent, async (ctx, { params, body }) => ({
    status: 200,
    body: renewed(await renew(ctx, { ...params, ...body })),
  })),
  ...routesFor(fleetAgents),
];
