import { type Operation, operation } from '../http/route.ts';
import { viewOf } from '../view.ts';
import {
  deleteMember,
  deleteStaff,
  leaveTenant,
  listMembers,
  listStaff as listStaffContract,
  patchMember,
  putStaff,
  readMe,
} from './contract.ts';
import { list } from './list.ts';
import { me } from './me.ts';
import { patch } from './patch.ts';
import { leave, remove } from './remove.ts';
import { Member, StaffMember } from './schema.ts';
import { appoint, listStaff } from './staff.ts';

const view = viewOf(Member);
const staffView = viewOf(StaffMember);

/** The operations on the members of tenants, and on the people with a role in the platform. */
export const memberRoutes = (): Operation[] => [
  operation(readMe, async (ctx) => ({ status: 200, body: await me(ctx) })),
  operation(listMembers, async (ctx, { params, query }) => {
    const { items, next } = await list(ctx, { ...params, ...query });
    return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
  }),
  operation(patchMember, async (ctx, { params, body }) => ({
    status: 200,
    body: view(await patch(ctx, { ...params, ...body })),
  })),
  operation(deleteMember, async (ctx, { params }) => {
    await remove(ctx, params);
    return { status: 204 };
  }),
  operation(leaveTenant, async (ctx, { params }) => {
    await leave(ctx, params);
    return { status: 204 };
  }),
  operation(listStaffContract, async (ctx, { query }) => {
    const { items, next } = await listStaff(ctx, query);
    return { status: 200, body: { items: items.map(staffView), ...(next !== undefined && { next }) } };
  }),
  operation(putStaff, async (ctx, { params, body }) => {
    await appoint(ctx, { ...params, ...body });
    return { status: 200, body: { ...params, ...body } };
  }),
  operation(deleteStaff, async (ctx, { params }) => {
    await appoint(ctx, { ...params, role: null });
    return { status: 204 };
  }),
];
