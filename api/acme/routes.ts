import { type Operation, operation } from '../http/route.ts';
import { readCertificateStatus } from './contract.ts';
import { status } from './status.ts';

/** The operations on automatic certificates. */
export const acmeRoutes = (): Operation[] => [
  operation(readCertificateStatus, async (ctx, { params, query }) => ({
    status: 200,
    body: await status(ctx, { ...params, ...query }),
  })),
];
