import { type Operation, operation } from '../http/route.ts';
import { viewOf } from '../view.ts';
import { enrolAgent, listAgents, renewAgent, revokeAgent } from './contract.ts';
import { enrol } from './enrol.ts';
import { list } from './list.ts';
import { renew } from './renew.ts';
import { revoke } from './revoke.ts';
import { Agent, AgentRenewed } from './schema.ts';

const view = viewOf(Agent);
const renewed = viewOf(AgentRenewed);

/** The operations by which agents enrol and renew their credentials, and those on enrolled agents. */
export const agentRoutes = (): Operation[] => [
  operation(enrolAgent, async (ctx, { body }) => ({ status: 200, body: await enrol(ctx, body) })),
  operation(renewAgent, async (ctx, { params, body }) => ({
    status: 200,
    body: renewed(await renew(ctx, { ...params, ...body })),
  })),
  operation(listAgents, async (ctx, { params, query }) => {
    const { items, next } = await list(ctx, { ...params, ...query });
    return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
  }),
  operation(revokeAgent, async (ctx, { params }) => {
    await revoke(ctx, params);
    return { status: 204 };
  }),
];
