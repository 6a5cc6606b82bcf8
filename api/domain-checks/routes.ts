import { view } from '../domains/view.ts';
import { type Operation, operation } from '../http/route.ts';
import { check } from './check.ts';
import { checkDomain } from './contract.ts';

/** The operation that checks the proof of a domain. */
export const domainCheckRoutes = (): Operation[] => [
  operation(checkDomain, async (ctx, { params }) => ({
    status: 200,
    body: view(ctx.services.settings, await check(ctx, params)),
  })),
];
