import type { Context } from '../context.ts';
import { type Operation, operation } from '../http/route.ts';
import type { Domain } from '../store/domains.ts';
import { claim } from './claim.ts';
import { claimDomain, listDomains, readDomain, removeDomain } from './contract.ts';
import { list } from './list.ts';
import { read } from './read.ts';
import { remove } from './remove.ts';
import { view } from './view.ts';

const claimed = (ctx: Context, domain: Domain) => ({
  status: 201 as const,
  headers: { location: `/v1/tenants/${domain.tenant}/domains/${domain.name}` },
  body: view(ctx.services.settings, domain),
});

/** The operations on the domains of tenants. */
export const domainRoutes = (): Operation[] => [
  operation(claimDomain, async (ctx, { params, body }) =>
    claimed(ctx, await claim(ctx, { ...params, ...body }, (made) => claimed(ctx, made))),
  ),
  operation(listDomains, async (ctx, { params, query }) => {
    const { items, next } = await list(ctx, { ...params, ...query });
    const body = { items: items.map((each) => view(ctx.services.settings, each)), ...(next !== undefined && { next }) };
    return { status: 200, body };
  }),
  operation(readDomain, async (ctx, { params }) => ({
    status: 200,
    body: view(ctx.services.settings, await read(ctx, params)),
  })),
  operation(removeDomain, async (ctx, { params }) => {
    await remove(ctx, params);
    return { status: 204 };
  }),
];
