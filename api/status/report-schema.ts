/** The schema of the reports that agents send about their nodes. */
import { z } from 'zod';
import { Name } from '../../model/values/name.ts';
import { line, reportedText } from '../../model/values/shown-text.ts';
import { MOST_BEHIND } from '../../wire/feed.ts';
import { ListenerRejection, Rejection } from './rejection-schema.ts';

const sequence = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const Ahead = z
  .strictObject({
    live: sequence,
    behind: z
      .array(z.strictObject({ tenant: Name, live: sequence }))
      .max(MOST_BEHIND)
      .meta({ description: 'The tenants of which the node serves less.' }),
  })
  .meta({
    id: 'Ahead',
    description: 'The node serves every change up to the sequence number `live`, except changes of some tenants.',
  });

const DrainReport = z
  .strictObject({
    connections: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().meta({
      description: 'The number of client connections that are still open. Absent when they could not be counted yet.',
    }),
    message: reportedText(500).optional().meta({ description: 'The reason why the node is not drained yet.' }),
  })
  .meta({ id: 'DrainReport' });

/** The body of a report: for each node of one agent, its progress in the feed and the resources that it rejected. */
export const StatusReport = z
  .strictObject({
    agent: line(255).min(1),
    nodes: z
      .array(
        z
          .strictObject({
            node: line(255).min(1),
            version: reportedText(255),
            connected: z.boolean(),
            acked: sequence,
            live: sequence,
            ahead: Ahead.optional(),
            rejections: z.array(Rejection).max(1000),
            listenerRejections: z.array(ListenerRejection).max(100).optional(),
            drain: DrainReport.optional(),
          })
          .meta({ id: 'NodeReport' }),
      )
      .max(1000),
  })
  .meta({
    id: 'StatusReport',
    description: 'The progress of every node of one agent.',
    example: {
      agent: 'edge-1',
      nodes: [{ node: 'edge-1', version: '1.40.0', connected: true, acked: 0, live: 0, rejections: [] }],
    },
  });
