/** The schema of the reports that agents send about their nodes. */
import { z } from 'zod';
import { Name } from '../../model/values/name.ts';
import { ListenerRejection } from './schema.ts';

const text = z.string().max(4096);
const sequence = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** The body of a report: for each node of one agent, its progress in the feed and the resources that it rejected. */
export const StatusReport = z
  .strictObject({
    agent: z.string().min(1).max(255),
    nodes: z
      .array(
        z
          .strictObject({
            node: z.string().min(1).max(255),
            version: z.string().max(255),
            connected: z.boolean(),
            acked: sequence,
            live: sequence,
            rejections: z
              .array(
                z
                  .strictObject({
                    tenant: Name,
                    revision: sequence,
                    from: sequence
                      .optional()
                      .describe(
                        'First revision the rejection may concern: it concerns those up to `revision` that changed `resource`; 0 = the last that did.',
                      ),
                    over: z
                      .literal(true)
                      .optional()
                      .describe('The rejection is over, but the change of this revision was never served.'),
                    superseded: z
                      .literal(true)
                      .optional()
                      .describe('No node rejected it: a later revision overwrote the change before it was sent.'),
                    resource: z.string().max(255),
                    path: text,
                    message: text,
                  })
                  .meta({ id: 'Rejection' }),
              )
              .max(1000),
            listenerRejections: z.array(ListenerRejection).max(100).optional(),
          })
          .meta({ id: 'NodeReport' }),
      )
      .max(1000),
  })
  .meta({ id: 'StatusReport', description: 'Where every node of one agent is.' });
