import { z } from 'zod';
import { policies } from '../policies/index.ts';
import { AllowedRoutes } from '../values/allowed-routes.ts';
import { HostPattern } from '../values/host.ts';
import { hostWeight } from '../values/host-weight.ts';
import { Labels } from '../values/labels.ts';
import { Name } from '../values/name.ts';
import { ServerProtocol, sendsHost, tlsOf } from '../values/protocol.ts';
import { clipped } from '../values/quote.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { sparse } from '../values/sparse.ts';
import { type Counted, define, type ReferencePlace } from './definition.ts';
import { wrongHttp3 } from './http3.ts';
import { certificatesOf, ServerTls, trustBundlesOf } from './server-tls.ts';

const ProtocolOfServer = z
  .preprocess((value) => (typeof value === 'string' ? value.toUpperCase() : value), ServerProtocol)
  .meta({
    description:
      'In any case. GRPC, GRPC-WEB and HTTP2 are served as HTTP is, by a port for HTTP, and with `tls` as HTTPS is, by a port for HTTPS. TLS forwards what connections carry: decrypted with the modes SIMPLE, MUTUAL and OPTIONAL_MUTUAL, as it is with PASSTHROUGH; a port for TLS or for HTTPS serves it.',
  });

const portNumber = z.int().min(1).max(65535);

const ServerPort = sparse
  .strictObject({
    number: portNumber.describe('The port clients connect to; the fleet must offer it.'),
    name: Name.describe('Unique in the gateway.'),
    protocol: ProtocolOfServer,
  })
  .meta({ id: 'ServerPort', example: { number: 80, name: 'http', protocol: 'HTTP' } });

const ServerPortInput = sparse
  .strictObject({
    number: portNumber
      .optional()
      .describe(
        'The port clients connect to; the fleet must offer it. Without a number, a server whose clients send no host, such as a TCP server, gets the next free port of the `portRanges` of the fleet. It keeps that port as long as the gateway has a server with this `name` and transport, and the response shows the number.',
      ),
    name: Name.describe('Unique in the gateway.'),
    protocol: ProtocolOfServer,
  })
  .meta({ id: 'ServerPortInput', example: { number: 80, name: 'http', protocol: 'HTTP' } });

export const EscapedSlashes = z.enum(['keep', 'redirect', 'reject']).meta({
  description:
    'How a request is handled whose path has an escaped slash or backslash (`%2F`, `%5C`): `redirect` (the default) sends the client to the path with plain slashes (307), `reject` answers 400, `keep` matches and forwards the path as it is, as npm scopes and GitLab branches need. With `keep` the application must not take `/admin%2Fx` for `/admin/x` where rules tell them apart.',
});
export type EscapedSlashes = z.infer<typeof EscapedSlashes>;
export const DEFAULT_ESCAPED_SLASHES = EscapedSlashes.enum.redirect;

/** The fields of a server that are checked together. */
interface CheckedServer {
  port: z.infer<typeof ServerPortInput>;
  hosts: HostPattern[];
  tls?: ServerTls | undefined;
  http3?: boolean | undefined;
}

const serverFields = {
  hosts: z
    .array(HostPattern)
    .min(1)
    .max(256)
    .describe(
      'The hosts this server admits. A request belongs to the most specific host that any server of its port admits; routes bound to that server’s gateway serve it. All gateways of a tenant name at most 10,000 hosts, unless the operator sets another limit; a host counts once for each five labels that it has.',
    ),
  tls: ServerTls.optional(),
  http3: z
    .boolean()
    .optional()
    .describe(
      'Only for HTTPS servers: the hosts are also served over HTTP/3, on the UDP port with the same number. Responses over TCP name it in `alt-svc`, so browsers use it for later requests. The certificate, client certificates and routes are the same. One of the servers with the same port and host is enough. Not with `PASSTHROUGH`.',
    ),
  escapedSlashes: EscapedSlashes.optional(),
  allowedRoutes: AllowedRoutes.optional(),
  ...policies,
};

function checkServer(server: CheckedServer, context: z.RefinementCtx): void {
  const protocol = isObject(server.port) ? String(server.port.protocol).toUpperCase() : undefined;
  const known = ServerProtocol.safeParse(protocol).data;
  if (known && sendsHost(known) && isObject(server.port) && server.port.number === undefined)
    context.addIssue({
      code: 'custom',
      path: ['port', 'number'],
      message: `is required: ${article(known)} ${known} server shares its port, so none is assigned`,
      params: { code: 'required' },
    });
  if (known && tlsOf[known] === 'required' && server.tls === undefined)
    context.addIssue({
      code: 'custom',
      path: ['tls'],
      message: `${article(known)} ${known} server needs tls`,
      params: { code: 'tls-required' },
    });
  const redirects = isObject(server.tls) && server.tls.httpsRedirect !== undefined;
  if (known && tlsOf[known] !== 'none' && redirects)
    context.addIssue({
      code: 'custom',
      path: ['tls', 'httpsRedirect'],
      message: `${article(known)} ${known} server redirects nothing to https; use protocol HTTP`,
      params: { code: 'tls-refused' },
    });
  if (known && tlsOf[known] === 'none' && server.tls !== undefined && !(known === 'HTTP' && redirects))
    context.addIssue({
      code: 'custom',
      path: ['tls'],
      message: `${article(known)} ${known} server has no tls; use protocol ${known === 'HTTP' ? 'HTTPS' : 'TLS'}`,
      params: { code: 'tls-refused' },
    });
  if (isObject(server.tls) && server.tls.mode === 'AUTO_PASSTHROUGH' && Array.isArray(server.hosts))
    for (const [index, host] of server.hosts.entries())
      if (host === '*')
        context.addIssue({
          code: 'custom',
          path: ['hosts', index],
          message: 'with AUTO_PASSTHROUGH, the first label of a host names the upstream: write `*.` before a domain',
          params: { code: 'no-domain' },
        });
  if (known === 'TLS' && isObject(server.tls) && server.tls.sameServerOnly !== undefined)
    context.addIssue({
      code: 'custom',
      path: ['tls', 'sameServerOnly'],
      message: 'a TLS server reads no requests; use protocol HTTPS',
      params: { code: 'without-effect' },
    });
  for (const { path, code, message } of wrongHttp3(server, known))
    context.addIssue({ code: 'custom', path, message, params: { code } });
  duplicates(server.hosts, (host) => host).forEach((index) => {
    context.addIssue({
      code: 'custom',
      path: ['hosts', index],
      message: `${clipped(String(server.hosts[index]))} is written twice`,
      params: { code: 'duplicate-host' },
    });
  });
}

const about = 'One open door: a port, the hosts admitted through it, and the TLS it speaks.';
export const Server = sparse
  .strictObject({ port: ServerPort, ...serverFields })
  .superRefine(checkServer, evenIfInvalid(isObject))
  .meta({ id: 'Server', description: about });
const ServerInput = sparse
  .strictObject({ port: ServerPortInput, ...serverFields })
  .superRefine(checkServer, evenIfInvalid(isObject))
  .meta({ id: 'ServerInput', description: about });
export type Server = z.infer<typeof Server>;

const gatewayFields = {
  labels: Labels.optional(),
  selector: Labels.refine(
    (selector) => Object.keys(selector).length > 0,
    'select at least one label, so that no fleet serves it by accident',
  ).meta({
    description: 'The fleets that carry all of these labels serve this gateway.',
    example: { ingress: 'public' },
  }),
  ...policies,
};

function checkGateway(gateway: { servers: { port: { name: string } }[] }, context: z.RefinementCtx): void {
  duplicates(gateway.servers, (server) =>
    isObject(server) && isObject(server.port) ? server.port.name : undefined,
  ).forEach((index) => {
    context.addIssue({
      code: 'custom',
      path: ['servers', index, 'port', 'name'],
      message: `another server of this gateway has the port name ${clipped(String(gateway.servers[index]!.port.name))}`,
      params: { code: 'duplicate-port-name' },
    });
  });
}

const purpose = 'Opens the door: which ports, hosts and certificates, on which fleets.';
export const Gateway = sparse
  .strictObject({ ...gatewayFields, servers: z.array(Server).min(1).max(64) })
  .superRefine(checkGateway, evenIfInvalid(isObject))
  .meta({ id: 'Gateway', description: purpose });
const GatewayInput = sparse
  .strictObject({ ...gatewayFields, servers: z.array(ServerInput).min(1).max(64) })
  .superRefine(checkGateway, evenIfInvalid(isObject))
  .meta({
    id: 'GatewayInput',
    description: purpose,
    example: {
      selector: { ingress: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.example.com'] }],
    },
  });
export type Gateway = z.infer<typeof Gateway>;

export const gateway = define({
  id: 'gateway',
  plural: 'gateways',
  title: 'Gateway',
  summary: 'Open the door: ports, hosts, TLS, on the fleets their selector names.',
  schema: Gateway,
  input: GatewayInput,
  refersTo: {
    certificate: (spec) => inTls(spec, certificatesOf),
    trustBundle: (spec) => inTls(spec, trustBundlesOf),
  },
  delivery: 'selected',
  secrets: {},
  hosts,
  *counts(spec): Generator<Counted> {
    for (const [host, path] of hosts(spec)) yield [hostWeight(host), path];
  },
});

/** Lists references in the TLS settings of all servers. */
const inTls = ({ servers }: Gateway, places: (tls: ServerTls) => ReferencePlace[]): ReferencePlace[] =>
  servers.flatMap(({ tls }, server) =>
    tls ? places(tls).map(({ path, ...name }) => ({ ...name, path: `/servers/${server}/tls${path}` })) : [],
  );

function* hosts({ servers }: Gateway): Generator<[host: HostPattern, path: string]> {
  for (const [server, { hosts }] of servers.entries())
    for (const [index, host] of hosts.entries()) yield [host, `/servers/${server}/hosts/${index}`];
}

const article = (protocol: ServerProtocol): string => (/^[HM]/.test(protocol) && protocol !== 'MONGO' ? 'an' : 'a');

/** Returns the indices of items whose key an earlier item has. Input may have any shape. */
function duplicates<T>(items: T[], key: (item: T) => unknown): number[] {
  if (!Array.isArray(items)) return [];
  const seen = new Set<unknown>();
  return items.flatMap((item, index) => {
    const value = key(item);
    if (value === undefined || !seen.has(value)) {
      seen.add(value);
      return [];
    }
    return [index];
  });
}
