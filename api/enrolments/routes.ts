import { fleetPathOf } from '../fleets/owners.ts';
import { type Operation, operation } from '../http/route.ts';
import type { Enrolment as Row } from '../store/enrolments.ts';
import { viewOf } from '../view.ts';
import { fleetEnrolments } from './contract.ts';
import { create } from './create.ts';
import { list } from './list.ts';
import { revoke } from './revoke.ts';
import { Enrolment } from './schema.ts';

const view = viewOf(Enrolment);

const created = ({ token, ...row }: Row & { token: string }) => ({
  status: 201 as const,
  body: { ...view(row), token },
});

/** Makes the operations on the enrolments of the fleets of one kind of owner. */
function routesFor(contracts: typeof fleetEnrolments): Operation[] {
  return [
    operation(contracts.create, async (ctx, { params, body }) =>
      created(await create(ctx, { ...fleetPathOf(params), ...body }, created)),
    ),
    operation(contracts.list, async (ctx, { params, query }) => {
      const { items, next } = await list(ctx, { ...fleetPathOf(params), ...query });
      return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
    }),
    operation(contracts.revoke, async (ctx, { params }) => {
      await revoke(ctx, { ...fleetPathOf(params), id: String(params.id) });
      return { status: 204 };
    }),
  ];
}

/** The operations on the one-time tokens with which agents enrol. */
export const enrolmentRoutes = (): Operation[] => routesFor(fleetEnrolments);
