/** The schema of the status of a revision in responses. */
import { z } from 'zod';
import { ServerProtocol } from '../../model/values/protocol.ts';
import { NodeRejection, StandingRejection } from './rejection-schema.ts';

const NodeState = z.enum(['pending', 'acked', 'live', 'rejected', 'superseded']);
/** A condition that delegates, in the status of either route. */
const DelegationStatus = z
  .object({
    path: z.string().meta({
      description: 'JSON pointer to the condition that delegates; empty for an entry of `parents` without such a rule.',
    }),
    route: z.string().meta({
      description: 'The other route: `cart`, or `books/cart` of another tenant. An entry of `parents` may be `*`.',
    }),
    conditions: z.int().meta({ description: 'Number of conditions that get requests by this delegation.' }),
    reasons: z
      .array(z.string())
      .optional()
      .meta({ description: 'The reasons why the route, or some of its conditions, get none; at most 100.' }),
  })
  .meta({ id: 'DelegationStatus' });

/** The status of a revision in a response. */
export const Status = z
  .object({
    revision: z.int(),
    state: z.enum(['pending', 'acked', 'live', 'rejected', 'superseded', 'unserved']).meta({
      description:
        'The state of this revision’s own changes. `superseded`: a later revision overwrote them before they were served. `unserved`: no fleet serves any resource that it changed, before or after the change. An upstream or a certificate counts as served when a route or gateway that refers to it is served.',
    }),
    suspension: z.string().optional().meta({
      description:
        'Present while the tenant is suspended, or is to be deleted: the reason why its hosts answer 503 instead of serving the revision, and why connections without HTTP are closed.',
    }),
    stillRejected: z.array(StandingRejection).meta({
      description:
        'Rejections of earlier revisions that still apply. The nodes serve the last good version of the resource until a later revision repairs it.',
    }),
    fleets: z.array(
      z
        .object({
          fleet: z.string(),
          state: NodeState,
          reason: z.string().optional().meta({
            description:
              'The reason why the revision is not live on the fleet yet: no Envoy is connected, or a node has not acknowledged or confirmed it. Absent once no node has work left.',
          }),
          nodes: z.array(
            z
              .object({
                node: z.string(),
                agent: z.string(),
                version: z.string(),
                connected: z.boolean(),
                drained: z
                  .literal(true)
                  .optional()
                  .meta({ description: 'Present when the node is drained: the revision does not wait for it.' }),
                contested: z.literal(true).optional().meta({
                  description:
                    'Present when two Envoys have this name. The state is that of the one that has progressed less.',
                }),
                lastSeenAt: z.iso.datetime(),
                state: NodeState,
                rejections: z.array(NodeRejection),
              })
              .meta({ id: 'NodeRevisionStatus' }),
          ),
          moreNodes: z.int().optional().meta({
            description:
              'Number of further nodes. At most 1,000 nodes are listed, the connected ones that have progressed least first. Absent when all are listed.',
          }),
        })
        .meta({ id: 'FleetRevisionStatus' }),
    ),
    gateways: z.array(
      z
        .object({
          name: z.string(),
          fleets: z.array(z.string()),
          reason: z.string().optional().meta({
            description:
              'The reason why no fleet serves the gateway, or why a node does not listen on one of its ports.',
          }),
          unserved: z
            .array(z.object({ path: z.string(), reason: z.string() }).meta({ id: 'UnservedPlace' }))
            .optional()
            .meta({ description: 'Servers and hosts of the gateway that no fleet serves.' }),
        })
        .meta({ id: 'GatewayStatus' }),
    ),
    routes: z.array(
      z
        .object({
          name: z.string(),
          mesh: z
            .object({ fleets: z.array(z.string()), reason: z.string().optional() })
            .meta({ id: 'MeshStatus' })
            .optional()
            .meta({
              description:
                'The fleets whose sidecars and proxyless gRPC clients get the route, or the reason why none does. Absent when the route is not bound to `mesh`.',
            }),
          hosts: z.array(
            z
              .object({
                host: z.string(),
                bound: z.array(
                  z
                    .object({
                      gateway: z.string(),
                      port: z.int(),
                      portName: z.string(),
                      protocol: ServerProtocol,
                      host: z.string(),
                      reason: z
                        .string()
                        .optional()
                        .meta({ description: 'The reason why a node does not listen on the port.' }),
                    })
                    .meta({ id: 'BoundHost' }),
                ),
                moreBound: z.int().optional().meta({
                  description:
                    'Number of further places to which the host is bound. The list has at most 100 places per host and 10,000 per response. At most 1,000 places per host are counted.',
                }),
                reason: z.string().optional().meta({ description: 'The reason why the host is bound to no gateway.' }),
                unbound: z
                  .array(z.object({ gateway: z.string(), reason: z.string() }).meta({ id: 'UnboundGateway' }))
                  .optional()
                  .meta({
                    description:
                      'The `gateways` of the route through which the host is not served, as `gateway` or `gateway:portName`, each with the reason. Absent when there are none, and when the host is bound to no gateway.',
                  }),
              })
              .meta({ id: 'HostStatus' }),
          ),
          delegates: z
            .array(DelegationStatus)
            .optional()
            .meta({ description: 'The conditions that delegate to other routes. Absent when there are none.' }),
          parents: z.array(DelegationStatus).optional().meta({
            description:
              'The conditions of other routes that delegate to this route, and the entries of `parents` of which no rule delegates to it. Absent in a route without `parents`.',
          }),
        })
        .meta({ id: 'RouteStatus' }),
    ),
    attached: z
      .array(
        z
          .object({
            tenant: z.string(),
            host: z.string(),
            gateways: z.array(z.string()).meta({ description: 'The shared gateways that admit the host.' }),
            reason: z.string().optional().meta({ description: 'The reason why no gateway admits the host.' }),
          })
          .meta({ id: 'AttachedHostStatus' }),
      )
      .optional()
      .meta({
        description:
          'Hosts that routes of other tenants attach to the shared gateways of this tenant, at most 500. Absent when there are none.',
      }),
    upstreams: z
      .array(
        z
          .object({
            name: z.string(),
            unserved: z.array(
              z.object({ path: z.string(), fleet: z.string(), reason: z.string() }).meta({ id: 'DeniedEndpoint' }),
            ),
            moreUnserved: z
              .int()
              .optional()
              .meta({ description: 'Number of further endpoints beyond the 100 that are listed.' }),
          })
          .meta({ id: 'UpstreamStatus' }),
      )
      .meta({ description: 'Upstreams with endpoints to which a fleet that serves the tenant sends nothing.' }),
  })
  .meta({ id: 'RevisionStatus' });
