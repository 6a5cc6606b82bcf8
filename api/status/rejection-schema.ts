/**
 * The schemas of rejections in reports and in responses. The contracts, the views and the store's rows derive their
 * types from these schemas.
 */
import { z } from 'zod';
import { Name } from '../../model/values/name.ts';
import { reportedText } from '../../model/values/shown-text.ts';

const text = reportedText(4096);
const revision = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A rejection in the report of an agent. */
export const Rejection = z
  .strictObject({
    tenant: Name,
    revision,
    from: revision
      .optional()
      .describe(
        'First revision that the rejection may concern. It concerns all revisions from this one to `revision` that changed `resource`; 0 = only the last revision that changed it.',
      ),
    over: z
      .literal(true)
      .optional()
      .describe('The rejection has ended, but no node ever served the change of this revision.'),
    superseded: z
      .literal(true)
      .optional()
      .describe('No node rejected the change: a later revision overwrote it before it was sent.'),
    resource: reportedText(255),
    path: text,
    message: text,
  })
  .meta({ id: 'Rejection' });

/** A rejection in the response about the revision and the node that it concerns. */
export const NodeRejection = z
  .object({
    resource: z.string(),
    path: z.string(),
    message: z.string().meta({ description: "Envoy's own words." }),
    at: z.iso.datetime(),
  })
  .meta({ id: 'NodeRejection' });

/** A rejection in the response about a later revision. It therefore names its revision and its node. */
export const StandingRejection = z
  .object({
    revision: z.int(),
    fleet: z.string(),
    node: z.string(),
    resource: z.string(),
    path: z.string(),
    message: z.string(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'StandingRejection' });
export type StandingRejectionView = z.infer<typeof StandingRejection>;

/** A listener that Envoy could not open, in a report and in the response about a node. */
export const ListenerRejection = z
  .strictObject({
    listener: reportedText(255),
    port: z.int().min(1).max(65535).optional().describe('The port that tenants write in their gateways.'),
    message: text.describe("Envoy's own words."),
  })
  .meta({
    id: 'ListenerRejection',
    description:
      'A listener that the node does not serve, in most cases because Envoy cannot bind its port. The agent retries until Envoy accepts the listener.',
  });
