/**
 * The schemas of fleets and their nodes in requests and responses. The contract, the views and the store's rows derive
 * their types from these schemas.
 */
import { z } from 'zod';
import { CidrText } from '../../model/values/cidr.ts';
import { PositiveDuration } from '../../model/values/duration.ts';
import { Labels } from '../../model/values/labels.ts';
import { Name } from '../../model/values/name.ts';
import { Protocol, sendsHost, transportOf } from '../../model/values/protocol.ts';
import { ListenerRejection } from '../status/rejection-schema.ts';
import { pageOf } from '../view.ts';

const port = z.int().min(1).max(65535);

const ProxyProtocol = z
  .strictObject({
    trustedPeers: z
      .array(CidrText)
      .min(1)
      .max(256)
      .describe('The networks of the load balancers in front of the fleet. Connections from other peers are closed.'),
  })
  .meta({
    id: 'ProxyProtocol',
    description:
      'Each connection begins with a PROXY protocol header (version 1 or 2), as load balancers send it. The address in it is the address of the client: for `source`, for `x-forwarded-for` and for every other rule. A connection without the header is closed. Not for UDP. HTTP/3 is not served on such a port.',
  });
const PortHeaders = z
  .strictObject({
    underscores: z
      .enum(['drop', 'reject', 'allow'])
      .optional()
      .describe(
        'Request headers with an underscore in their name: `drop` (the default) removes them, `reject` answers 400, `allow` forwards them. Some servers read `x_user` as `x-user`, which a rule may have set or removed.',
      ),
    maxKilobytes: z
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe('The largest size of all headers of a request; default 60. A larger request gets 431.'),
    maxCount: z
      .int()
      .min(20)
      .max(10_000)
      .optional()
      .describe('The largest number of headers of a request; default 100. A request with more gets 431.'),
  })
  .meta({ id: 'PortHeaders', description: 'Rules for the headers of requests. Only for HTTP and HTTPS.' });
const FleetPort = z
  .strictObject({
    number: port.describe('The port that tenants write in their gateways.'),
    bind: port.describe('The port that Envoy opens.'),
    protocol: Protocol,
    proxyProtocol: ProxyProtocol.optional(),
    headers: PortHeaders.optional(),
    idleTimeout: PositiveDuration.optional().describe(
      'After this time without a request under way, Envoy closes a connection, also one over HTTP/3. Default: 75s. A load balancer or CDN in front of the fleet that keeps connections for later requests needs a longer time here than its own. Only for HTTP and HTTPS.',
    ),
  })
  .superRefine(({ protocol, proxyProtocol, headers, idleTimeout }, context) => {
    if (proxyProtocol && transportOf(protocol) === 'udp')
      context.addIssue({ code: 'custom', path: ['proxyProtocol'], message: 'is not for UDP' });
    if (headers && protocol !== 'HTTP' && protocol !== 'HTTPS')
      context.addIssue({ code: 'custom', path: ['headers'], message: `a port for ${protocol} reads no headers` });
    if (idleTimeout !== undefined && protocol !== 'HTTP' && protocol !== 'HTTPS')
      context.addIssue({ code: 'custom', path: ['idleTimeout'], message: `a port for ${protocol} reads no requests` });
  })
  .meta({ id: 'FleetPort' });
const ports = z
  .array(FleetPort)
  .max(64)
  .refine((all) => areDistinct(all, ({ number }) => number), 'each number once, and again for UDP')
  .refine((all) => areDistinct(all, ({ bind }) => bind), 'each bind port once, and again for UDP');
function areDistinct(all: readonly z.infer<typeof FleetPort>[], of: (port: z.infer<typeof FleetPort>) => number) {
  return new Set(all.map((port) => `${transportOf(port.protocol)}/${of(port)}`)).size === all.length;
}
const FleetPortRange = z
  .strictObject({
    from: port.describe('The first number that tenants may get.'),
    to: port.describe('The last number. A range has at most 10,000 ports.'),
    bind: port
      .optional()
      .describe('The port that Envoy opens for the first number; the others follow it. Default: the same number.'),
    protocol: Protocol.refine(
      (protocol) => !sendsHost(protocol),
      'tenants share the ports of this protocol, so none is assigned: list the port in `ports`',
    ),
  })
  .refine(({ from, to }) => from <= to && to - from < 10_000, {
    path: ['to'],
    message: 'must be at least `from`, and at most 9,999 more',
  })
  .refine(({ from, to, bind = from }) => bind + to - from <= 65_535, {
    path: ['bind'],
    message: 'the last port that Envoy opens would be above 65535',
  })
  .meta({
    id: 'FleetPortRange',
    description:
      'Ports that the fleet assigns. Envoy opens a port of the range while a route of its tenant forwards connections.',
    example: { from: 30000, to: 30099, protocol: 'TCP' },
  });
const portRanges = z
  .array(FleetPortRange)
  .max(16)
  .describe(
    'A server without a port number gets the next free port of these ranges. On a shared fleet, the port belongs to the tenant until its gateway no longer names it.',
  );
const address = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[0-9a-fA-F.:]+$/, 'must be an IP address')
  .describe('The address on which Envoy opens its public ports. Default: 0.0.0.0.');
const denyDestinations = z
  .array(CidrText)
  .max(256)
  .describe(
    'Networks to which no upstream of this fleet may point, by address or by a name that resolves to such an address. The API clears the bits after the prefix. ' +
      'Default: loopback, link-local and unspecified addresses.',
  );

/** A fleet in a response. */
export const Fleet = z
  .object({
    name: Name,
    labels: Labels,
    ports: z.array(FleetPort),
    portRanges: z.array(FleetPortRange).optional(),
    address: z.string().optional(),
    tenant: Name.optional(),
    managedBy: z
      .literal('tenant')
      .optional()
      .meta({ description: 'Present when the tenant manages the fleet itself.' }),
    denyDestinations: z.array(z.string()),
    createdAt: z.iso.datetime(),
    seq: z.int().meta({ description: 'The sequence number of the last event in the feed of the fleet.' }),
  })
  .meta({
    id: 'Fleet',
    description: 'Envoys that serve the same gateways: those whose selector matches the labels of the fleet.',
  });
export type FleetView = z.infer<typeof Fleet>;

const Stopped = z
  .object({
    tenant: z.string(),
    resource: z.string().meta({ description: '`gateways/edge`.' }),
    path: z
      .string()
      .meta({ description: 'JSON pointer inside the spec of the resource; empty for the whole resource.' }),
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
  })
  .meta({
    id: 'StoppedServing',
    description: 'A resource of a tenant, or a part of it, that the fleet does not serve after this change.',
  });
const stopped = {
  stopped: z
    .array(Stopped)
    .optional()
    .meta({ description: 'For a change with `force`: the resources that became unserved, at most 1,000.' }),
  stoppedCount: z.int().optional().meta({ description: 'Number of resources that became unserved.' }),
};
/** The response to a write of a fleet. A forced write lists the resources that became unserved. */
export const ChangedFleet = Fleet.extend(stopped).meta({ id: 'ChangedFleet' });
/** The response to the forced removal of a fleet. */
export const RemovedFleet = z.object(stopped).meta({ id: 'RemovedFleet' });
/** The body of a request that creates a fleet. */
export const FleetCreate = z
  .strictObject({
    name: Name,
    labels: Labels.optional(),
    ports,
    portRanges: portRanges.optional(),
    address: address.optional(),
    tenant: Name.optional().describe('Dedicates the fleet to one tenant.'),
    denyDestinations: denyDestinations.optional(),
  })
  .meta({
    id: 'FleetCreate',
    example: {
      name: 'public',
      labels: { ingress: 'public' },
      ports: [
        { number: 80, bind: 10180, protocol: 'HTTP' },
        { number: 443, bind: 10443, protocol: 'HTTPS' },
      ],
    },
  });
/** The body of a request with which a tenant creates a fleet of its own. */
export const TenantFleetCreate = FleetCreate.omit({ tenant: true }).meta({
  id: 'TenantFleetCreate',
  example: {
    name: 'bookinfo-office',
    labels: { ingress: 'office' },
    ports: [{ number: 80, bind: 8080, protocol: 'HTTP' }],
  },
});
/** The body of a request that changes a fleet. */
export const FleetPatch = z
  .strictObject({
    labels: Labels.optional(),
    ports: ports.optional(),
    portRanges: portRanges.optional(),
    address: address.optional(),
    tenant: Name.nullable().optional().describe('Dedicates the fleet to one tenant. Null makes it a shared fleet.'),
    denyDestinations: denyDestinations.optional(),
  })
  .meta({
    id: 'FleetPatch',
    description: 'Each member that is present replaces the stored one completely.',
    example: { labels: { ingress: 'public', region: 'eu' } },
  });
/** A page of fleets. `next` is the cursor of the next page. */
export const FleetList = pageOf(Fleet, 'FleetList');

const NodeDrain = z
  .object({
    since: z.iso.datetime(),
    state: z.enum(['pending', 'draining', 'drained']).meta({
      description:
        '`pending`: the agent has not confirmed the drain. `draining`: client connections are open. `drained`: none are.',
    }),
    connections: z.int().optional().meta({ description: 'The number of client connections that are still open.' }),
    message: z.string().optional().meta({ description: 'The reason why the node is not drained yet.' }),
  })
  .meta({ id: 'NodeDrain' });
/** The body of a request that drains a node, or ends its drain. */
export const NodePatch = z
  .strictObject({
    drained: z
      .boolean()
      .describe(
        'Whether the node shall take no new connections. Requests for the status of a revision then ignore it.',
      ),
  })
  .meta({ id: 'NodePatch', example: { drained: true } });

/** A node in a response. */
export const Node = z
  .object({
    name: z.string(),
    agent: z.string(),
    version: z.string(),
    connected: z.boolean(),
    acked: z.int().meta({ description: 'Envoy has acknowledged every change up to this sequence number.' }),
    live: z.int().meta({ description: 'A probe through Envoy has received every change up to this sequence number.' }),
    lastSeenAt: z.iso.datetime(),
    contestedAt: z.iso.datetime().optional().meta({
      description:
        'The last time at which two Envoys had this name: two agents reported it in turn, or both were connected to one. Give each Envoy a `--node` of its own.',
    }),
    contestedBy: z.array(z.string()).optional().meta({
      description: 'The agents of these two Envoys. While both are connected, only what both serve counts as live.',
    }),
    drain: NodeDrain.optional().meta({ description: 'Present while the node is drained.' }),
    rejections: z.array(ListenerRejection).meta({ description: 'Listeners that the node rejected.' }),
  })
  .meta({ id: 'Node', description: 'One Envoy, as its agent last reported it.' });
export type NodeView = z.infer<typeof Node>;
/** A page of the nodes of one fleet. `next` is the cursor of the next page. */
export const NodeList = pageOf(Node, 'NodeList');
