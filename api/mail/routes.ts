import { type Operation, operation } from '../http/route.ts';
import { viewOf } from '../view.ts';
import { listMail } from './contract.ts';
import { list } from './list.ts';
import { Mail } from './schema.ts';

const view = viewOf(Mail);

/** The operations on the mail queue. */
export const mailRoutes = (): Operation[] => [
  operation(listMail, async (ctx, { query }) => {
    const { items, next } = await list(ctx, query);
    return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
  }),
];
