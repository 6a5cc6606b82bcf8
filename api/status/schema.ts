/** The schema of the status of a revision in responses. */
import { z } from 'zod';
import { Protocol } from '../../model/values/protocol.ts';
import { NodeRejection, StandingRejection } from './rejection-schema.ts';

const NodeState = z.enum(['pending', 'acked', 'live', 'rejected', 'superseded']);
/** The status of a revision in a response. */
export const Status = z
  .object({
    revision: z.int(),
    state: z.enum(['pending', 'acked', 'live', 'rejected', 'superseded', 'unserved']).meta({
      description:
        'The state of this revision’s own changes. `superseded`: a later revision overwrote them before they were served. `unserved`: no fleet serves any of what it changed, before or after the change. An upstream or a certificate is served with the routes or gateways that refer to it; if none do, there is nothing to wait for.',
    }),
    stillRejected: z.array(StandingRejection).meta({
      description:
        'Rejections of earlier revisions that still apply: the nodes stay on the last good version until a later revision repairs it.',
    }),
    fleets: z.array(
      z
        .object({
          fleet: z.string(),
          state: NodeState,
          nodes: z.array(
            z
              .object({
                node: z.string(),
                agent: z.string(),
                version: z.string(),
                connected: z.boolean(),
                lastSeenAt: z.iso.datetime(),
                state: NodeState,
                rejections: z.array(NodeRejection),
              })
              .meta({ id: 'NodeRevisionStatus' }),
          ),
        })
        .meta({ id: 'FleetRevisionStatus' }),
    ),
    gateways: z.array(
      z
        .object({
          name: z.string(),
          fleets: z.array(z.string()),
          reason: z
            .string()
            .optional()
            .meta({ description: 'When no fleet serves it, or a node does not listen on one of its ports: why.' }),
          unserved: z
            .array(z.object({ path: z.string(), reason: z.string() }).meta({ id: 'UnservedPlace' }))
            .optional()
            .meta({ description: 'Servers and hosts of it that no fleet serves.' }),
        })
        .meta({ id: 'GatewayStatus' }),
    ),
    routes: z.array(
      z
        .object({
          name: z.string(),
          hosts: z.array(
            z
              .object({
                host: z.string(),
                bound: z.array(
                  z
                    .object({
                      gateway: z.string(),
                      port: z.int(),
                      protocol: Protocol,
                      host: z.string(),
                      reason: z
                        .string()
                        .optional()
                        .meta({ description: 'When a node does not listen on the port: why.' }),
                    })
                    .meta({ id: 'BoundHost' }),
                ),
                moreBound: z.int().optional().meta({
                  description:
                    'How many more places it is bound at than those listed: at most a hundred of a host, and ten thousand of a response. Up to 1,000 of a host are counted.',
                }),
                reason: z.string().optional().meta({ description: 'When it is bound nowhere: why.' }),
              })
              .meta({ id: 'HostStatus' }),
          ),
        })
        .meta({ id: 'RouteStatus' }),
    ),
    upstreams: z
      .array(
        z
          .object({
            name: z.string(),
            unserved: z.array(
              z.object({ path: z.string(), fleet: z.string(), reason: z.string() }).meta({ id: 'DeniedEndpoint' }),
            ),
            moreUnserved: z.int().optional().meta({ description: 'How many more there are than the hundred listed.' }),
          })
          .meta({ id: 'UpstreamStatus' }),
      )
      .meta({ description: 'Upstreams with endpoints to which a fleet that serves the tenant sends nothing.' }),
  })
  .meta({ id: 'RevisionStatus' });
