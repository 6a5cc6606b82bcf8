import { PROCESS_HEADER, REPORT_HEADER } from '../../wire/feed.ts';
import { type Operation, operation } from '../http/route.ts';
import { readStatus, reportStatus } from './contract.ts';
import { report } from './report.ts';
import { status } from './status.ts';

/** The operations that read the status of a revision and store the reports of agents. */
export const statusRoutes = (): Operation[] => [
  operation(readStatus, async (ctx, { params }, { signal }) => ({
    status: 200,
    body: await status(ctx, { ...params, signal }),
  })),
  operation(reportStatus, async (ctx, { params, body }, { headers }) => {
    await report(ctx, { ...params, report: body, process: headers.get(PROCESS_HEADER)?.slice(0, 64) ?? '' });
    return { status: 204, headers: { [REPORT_HEADER]: 'ahead' } };
  }),
];
