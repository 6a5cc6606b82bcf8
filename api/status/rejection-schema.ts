/**
 * The schemas of rejections in reports and in responses. The contracts, the views and the store's rows derive their
 * types from these schemas.
 */
import { z } from 'zod';
import { Name } from '../../model/values/name.ts';

const text = z.string().max(4096);
const revision = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A rejection in the report of an agent. */
export const Rejection = z
  .strictObject({
    tenant: Name,
    revision,
    from: revision
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
    listener: z.string().max(255),
    port: z.int().min(1).max(65535).optional().describe('The port that tenants write in their gateways.'),
    message: text.describe("Envoy's own words."),
  })
  .meta({
    id: 'ListenerRejection',
    description:
      'A listener that the node does not serve, most often because its port cannot be bound. The agent retries until it can.',
  });
