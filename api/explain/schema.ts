import { z } from '@hono/zod-openapi';
import { MESH_PORT } from '../../model/binding/mesh.ts';
import { HeaderChanges } from '../../model/route/header-changes.ts';
import { Name } from '../../model/values/name.ts';
import { MESH } from '../../model/values/reference.ts';
import { Difference } from '../publishing/schema.ts';
import { ExplainedAnswer, ExplainedConnection, ExplainedForward, ExplainedRequest } from './effect.ts';
import { Transport } from './transport.ts';

/** Envoy's limit on the size of a request's headers, including the path. It answers larger requests with 431. */
const MAX_BYTES = 60 * 1024;
/** Envoy's limit on the number of headers of a request. */
const MAX_HEADERS = 100;

const HeaderText = z.string().max(MAX_BYTES);
const Values = z
  .record(z.string().min(1).max(256), z.union([HeaderText, z.array(HeaderText).max(MAX_HEADERS)]))
  .superRefine((headers, context) => {
    for (const name of Object.keys(headers)) {
      const pseudo = name.startsWith(':') || name.toLowerCase() === 'host';
      if (pseudo)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'has a field of its own: authority, method, path, scheme',
        });
    }
    if (Object.values(headers).flat().length > MAX_HEADERS)
      context.addIssue({
        code: 'custom',
        message: `Envoy accepts at most ${MAX_HEADERS} headers; it would answer 431`,
      });
  });

/** The members that describe the request to explain. */
const fields = {
  authority: z
    .string()
    .max(512)
    .describe('The Host header, with or without port, in any case. Empty: a request without one.'),
  path: z
    .string()
    .min(1)
    .max(MAX_BYTES)
    .optional()
    .describe(
      'The target of the request line, with the query. Default: `/`. The host of an absolute URL replaces the authority.',
    ),
  method: z.string().min(1).max(64).optional().describe('Default `GET`.'),
  clientCertificate: z
    .boolean()
    .optional()
    .describe('Whether the client shows a certificate that the server accepts, if it is asked for one. Default: true.'),
  httpVersion: z.enum(['1.0', '1.1']).optional().describe('Default: 1.1, or 1.0 when the authority is empty.'),
  headers: Values.optional().describe('One value or several, by name in any case. Default: none.'),
  scheme: z
    .enum(['http', 'https'])
    .optional()
    .describe('Default: the scheme of the port on the fleet; without a port, `http`.'),
  port: z
    .int()
    .min(MESH_PORT)
    .max(65535)
    .optional()
    .describe(
      'The public port, as servers name it. Default: 80 for http and 443 for https. 0 is the same as `gateway: mesh`. The port in the authority is ignored.',
    ),
  transport: Transport.optional().describe(
    'For a port number that the fleet offers for TCP and for UDP. Default: `tcp` where clients send requests or a server name; otherwise required. On other ports it may be omitted.',
  ),
  serverName: z
    .string()
    .max(255)
    .optional()
    .describe(
      'For https: the server name of the TLS connection (SNI). Default: the host of the authority. Empty: no SNI.',
    ),
  clientAddress: z
    .string()
    .max(64)
    .optional()
    .describe(
      'The address of the client, which conditions on `source` test and which Envoy adds to `x-forwarded-for`. Default: 192.0.2.1, an address for documentation.',
    ),
  gateway: z
    .literal(MESH)
    .optional()
    .describe(
      '`mesh`: the request comes to a sidecar of the tenant, or from a proxyless gRPC client. Excludes other ports, and https.',
    ),
  fleet: Name.optional().describe('Default: the fleet that serves the tenant. Required when several do.'),
  revision: z
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('The revision to use, which must be kept. Default: the head.'),
};

/** Returns the length of the path and of all headers, in characters. */
const bytesOf = ({
  path = '',
  headers = {},
}: {
  path?: string | undefined;
  headers?: z.infer<typeof Values> | undefined;
}) =>
  Object.entries(headers).reduce(
    (sum, [name, values]) => [values].flat().reduce((all, value) => all + name.length + value.length, sum),
    path.length,
  );

/**
 * Makes the schema of the body.
 *
 * @param configuration the schema of a whole configuration: the complete one for the documentation, or the outline
 *   when the verb parses the specs
 */
export const explainInput = <C extends z.ZodType>(configuration: C) =>
  z
    .strictObject({
      ...fields,
      configuration: configuration
        .optional()
        .describe('Explain under this complete configuration, in the form of PUT …/configuration. Nothing is written.'),
    })
    .superRefine((input, context) => {
      const { gateway, port, scheme } = input as Partial<z.infer<z.ZodObject<typeof fields>>>;
      const isMesh = gateway === MESH || port === MESH_PORT;
      if (isMesh && (port ?? MESH_PORT) !== MESH_PORT)
        context.addIssue({ code: 'custom', path: ['port'], message: 'has no meaning with `gateway: mesh`' });
      if (isMesh && scheme === 'https')
        context.addIssue({
          code: 'custom',
          path: ['scheme'],
          message: 'must be http: sidecars take requests without TLS',
        });
      if (bytesOf(input as z.infer<z.ZodObject<typeof fields>>) > MAX_BYTES)
        context.addIssue({
          code: 'custom',
          path: ['headers'],
          message: `with the path they have more than ${MAX_BYTES} bytes, which Envoy answers with 431`,
        });
    });

const ExplainedGateway = z
  .object({
    resource: z.string().meta({ description: '`gateways/web`; `mesh` for a sidecar' }),
    server: z.int().meta({ description: 'Index in `servers`.' }),
    path: z.string().meta({ description: 'JSON pointer to the host, inside the gateway’s spec.' }),
    host: z.string().meta({ description: 'The host pattern that admits the request.' }),
  })
  .meta({ id: 'ExplainedGateway' });
/** The conditions by which a rule got the request, when its route is not bound to the host itself. */
const DelegatedBy = z
  .array(z.object({ resource: z.string(), path: z.string() }).meta({ id: 'DelegatingCondition' }))
  .optional()
  .meta({
    description:
      'The conditions of rules with `delegate` by which the rule gets requests, the one of the route that is bound to the host first. Absent when the route of the rule is bound itself.',
  });
const ExplainedRule = z
  .object({
    resource: z.string().meta({ description: '`routes/reviews`' }),
    path: z.string().meta({
      description: 'JSON pointer to the condition that matches, or to a rule without conditions, or for connections.',
    }),
    rule: z.int().meta({ description: 'Index in the section of the route: `http`, `tcp`, `tls` or `udp`.' }),
    match: z.int().optional().meta({ description: 'Index in `match`. Absent when the rule has no conditions.' }),
    name: z.string().optional(),
    delegatedBy: DelegatedBy,
  })
  .meta({ id: 'ExplainedRule' });
const TriedCondition = z
  .object({
    resource: z.string(),
    path: z.string().meta({ description: 'JSON pointer to the condition, inside the route’s spec.' }),
    field: z.string().meta({ description: 'JSON pointer to the first field of the condition that does not match.' }),
    why: z.string(),
    expected: z.string(),
    delegatedBy: DelegatedBy,
  })
  .meta({ id: 'TriedCondition' });

/** An explanation in a response. */
export const Explanation = z
  .object({
    revision: z
      .int()
      .optional()
      .meta({ description: 'The revision that was used. Absent when the request contained a configuration.' }),
    fleet: z
      .string()
      .optional()
      .meta({ description: 'The fleet whose Envoys would get the request. Absent when no fleet serves the tenant.' }),
    outcome: z
      .enum(['matched', 'redirect', 'rejected', 'misdirected', 'not-found', 'forwarded', 'other-tenant', 'refused'])
      .meta({
        description:
          '`matched`: a rule serves the request. `redirect`: the edge sends the client to the path without escaped slashes. `rejected`: the edge rejects the request. `misdirected`: the connection was opened for another host. `not-found`: no rule serves the request. `forwarded`: the connection, or the datagrams of the client, are forwarded without reading requests. `other-tenant`: the host of the request, the server name of the connection, or the port belongs to another tenant, whose rules this tenant does not see. `refused`: the client gets no connection.',
      }),
    status: z.int().optional().meta({ description: 'The status of the response, if the edge itself responds.' }),
    why: z.string(),
    scheme: z.enum(['http', 'https']),
    port: z.int().meta({ description: 'The public port; 0 for the mesh.' }),
    host: z.string().optional().meta({ description: 'The host pattern whose rules serve the request.' }),
    gateway: ExplainedGateway.optional(),
    rule: ExplainedRule.optional(),
    received: ExplainedRequest.optional().meta({ description: 'The request as it is compared with rules.' }),
    dropped: z
      .array(z.object({ name: z.string(), why: z.string() }).meta({ id: 'DroppedHeader' }))
      .optional()
      .meta({ description: 'Headers that the edge removes before it compares the request with rules.' }),
    forwarded: ExplainedForward.optional().meta({
      description: 'The destinations of the request, and the request as the upstream receives it.',
    }),
    connection: ExplainedConnection.optional().meta({
      description: 'The destinations of a connection that is forwarded without reading requests.',
    }),
    answer: ExplainedAnswer.optional().meta({ description: 'The response of the edge, if no upstream responds.' }),
    responseHeaders: HeaderChanges.optional(),
    corsHeaders: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'The headers that `cors` of the rule writes in the response.' }),
    tried: z
      .array(TriedCondition)
      .meta({ description: 'The conditions that were tried before and do not match, in order. At most 50.' }),
    moreTried: z.int().meta({ description: 'The number of such conditions that are not listed.' }),
  })
  .meta({ id: 'Explanation' });

const WitnessRequest = z
  .object({
    scheme: z.enum(['http', 'https']),
    port: z.int(),
    authority: z.string(),
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    clientAddress: z.string().optional().meta({ description: 'Present when a condition tests the address.' }),
  })
  .meta({
    id: 'WitnessRequest',
    description: 'A request that shows a change. It is a valid body for POST …/explain, for either revision.',
  });
const AnswerChange = z
  .object({
    fleet: z.string(),
    host: z.string().meta({ description: 'The host pattern that the change concerns.' }),
    witness: WitnessRequest,
    before: Explanation,
    after: Explanation,
  })
  .meta({ id: 'AnswerChange' });

/** The difference between two revisions in a response. */
export const RevisionDiff = z
  .object({
    from: z.int().meta({
      description:
        'The revision with which this one is compared. 0 is the empty configuration before the first revision.',
    }),
    revision: z.int(),
    fields: z.array(Difference).meta({ description: 'The first 1,000 fields that differ.' }),
    moreFields: z.int().meta({ description: 'The number of such fields that are not listed.' }),
    requests: z.array(AnswerChange).meta({
      description:
        'The requests that the two revisions answer differently, by host and by the rules that serve them, each shown by one request. At most 100. A request that another rule serves with the same result is no difference.',
    }),
    compared: z
      .int()
      .meta({ description: 'Number of compared requests. They are made from the conditions of both revisions.' }),
    complete: z
      .boolean()
      .meta({ description: 'False when a limit ended the comparison. There may then be more changes.' }),
  })
  .meta({ id: 'RevisionDiff' });
