import { type Operation, operation } from '../http/route.ts';
import type { Enrolment as Row } from '../store/enrolments.ts';
import { viewOf } from '../view.ts';
import { createEnrolment, listEnrolments, revokeEnrolment } from './contract.ts';
import { create } from './create.ts';
import { list } from './list.ts';
import { revoke } from './revoke.ts';
import { Enrolment } from './schema.ts';

const view = viewOf(Enrolment);

const created = ({ token, ...row }: Row & { token: string }) => ({
  status: 201 as const,
  body: { ...view(row), token },
});

/** The operations on the one-time tokens with which agents enrol. */
export const enrolmentRoutes = (): Operation[] => [
  operation(createEnrolment, async (ctx, { params, body }) =>
    created(await create(ctx, { ...params, ...body }, created)),
  ),
  operation(listEnrolments, async (ctx, { params, query }) => {
    const { items, next } = await list(ctx, { ...params, ...query });
    return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
  }),
  operation(revokeEnrolment, async (ctx, { params }) => {
    await revoke(ctx, params);
    return { status: 204 };
  }),
];
