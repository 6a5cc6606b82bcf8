import { type Operation, operation } from '../http/route.ts';
import type { Invitation as Row } from '../store/invitations.ts';
import { viewOf } from '../view.ts';
import { accept } from './accept.ts';
import { acceptInvitation, createInvitation, listInvitations, revokeInvitation } from './contract.ts';
import { create } from './create.ts';
import { list } from './list.ts';
import { revoke } from './revoke.ts';
import { Invitation } from './schema.ts';

const view = viewOf(Invitation);
const created = (invitation: Row) => ({ status: 201 as const, body: view(invitation) });

/** The operations on invitations to tenants. */
export const invitationRoutes = (): Operation[] => [
  operation(createInvitation, async (ctx, { params, body }) =>
    created(await create(ctx, { ...params, ...body }, created)),
  ),
  operation(listInvitations, async (ctx, { params, query }) => {
    const { items, next } = await list(ctx, { ...params, ...query });
    return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
  }),
  operation(revokeInvitation, async (ctx, { params }) => {
    await revoke(ctx, params);
    return { status: 204 };
  }),
  operation(acceptInvitation, async (ctx, { body }) => {
    const { tenant, role } = await accept(ctx, body);
    return { status: 200, body: { tenant, role } };
  }),
];
