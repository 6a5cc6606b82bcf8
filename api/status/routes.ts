import { type Operation, operation } from '../http/route.ts';
import { readStatus } from './contract.ts';
import { status } from './status.ts';

/** The operation that reads the status of a revision. */
export const statusRoutes = (): Operation[] => [
  operation(readStatus, async (ctx, { params }, { signal }) => ({
    status: 200,
    body: await status(ctx, { ...params, signal }),
  })),
];
