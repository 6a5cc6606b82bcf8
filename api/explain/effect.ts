import { z } from '@hono/zod-openapi';
import { Fault } from '../../model/route/fault.ts';
import { HeaderChanges } from '../../model/route/header-changes.ts';
import { Transport } from './transport.ts';

const Headers = z.record(z.string(), z.array(z.string()));

/** A request as rules or upstreams see it. */
export const ExplainedRequest = z
  .object({
    method: z.string(),
    authority: z.string(),
    path: z.string().meta({ description: 'The path with the query.' }),
    headers: Headers,
  })
  .meta({ id: 'ExplainedRequest' });
const ExplainedDestination = z
  .object({
    upstream: z.string(),
    subset: z.string().optional(),
    cluster: z.string().meta({ description: 'The name of the cluster in Envoy’s statistics and logs.' }),
    weight: z.int(),
    percent: z.number().meta({ description: 'Share of the requests. Which destination one request gets is random.' }),
    endpoints: z.int().meta({
      description:
        'Number of its addresses to which the fleet may send requests. If there are none, and no registered ones, the response is 503.',
    }),
    registeredEndpoints: z.int().optional().meta({
      description: 'Number of endpoints that are registered at it now. Absent when there are none.',
    }),
    request: ExplainedRequest.optional().meta({
      description: 'The request as this destination receives it, when it differs from the request of the rule.',
    }),
    responseHeaders: HeaderChanges.optional().meta({
      description: 'Changes to the headers of its responses, which apply after those of the rule.',
    }),
  })
  .meta({ id: 'ExplainedDestination' });
/** A connection that the edge forwards without reading requests. */
export const ExplainedConnection = z
  .object({
    transport: Transport,
    tls: z.enum(['passthrough', 'terminated']).optional().meta({
      description:
        '`passthrough`: TLS ends at the upstream. `terminated`: the edge decrypts the connection. Absent on ports that do not expect TLS.',
    }),
    destinations: z.array(
      ExplainedDestination.omit({ request: true, responseHeaders: true })
        .extend({
          percent: z
            .number()
            .meta({ description: 'Share of the connections. Which destination one connection gets is random.' }),
          endpoints: z.int().meta({
            description:
              'Number of its addresses to which the fleet may forward. If there are none, and no registered ones, the connection is closed.',
          }),
        })
        .meta({ id: 'ExplainedConnectionDestination' }),
    ),
  })
  .meta({ id: 'ExplainedConnection' });
/** A response of the edge. */
export const ExplainedAnswer = z
  .object({
    status: z.int(),
    grpcStatus: z.int().optional(),
    body: z.string().optional(),
    location: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional().meta({ description: 'Headers that a direct response sets.' }),
  })
  .meta({ id: 'ExplainedAnswer' });
const ExplainedMirror = ExplainedDestination.omit({ weight: true, request: true, responseHeaders: true })
  .extend({ percent: z.number().meta({ description: 'Share of the requests that are copied to it.' }) })
  .meta({ id: 'ExplainedMirror' });
/** The effect of a rule that forwards a request. */
export const ExplainedForward = z
  .object({
    destinations: z.array(ExplainedDestination),
    answers: z
      .array(
        z
          .object({
            weight: z.int(),
            percent: z.number(),
            answer: ExplainedAnswer,
            responseHeaders: HeaderChanges.optional().meta({
              description: 'Changes to the headers of the response, which apply after those of the rule.',
            }),
          })
          .meta({ id: 'ExplainedAnswerShare' }),
      )
      .optional()
      .meta({ description: 'The shares of the requests that the edge answers itself.' }),
    retries: z
      .object({ attempts: z.int(), on: z.array(z.union([z.string(), z.int()])) })
      .optional()
      .meta({
        description:
          'After which failures the request is sent again, and how often at most. Absent when it is sent once.',
      }),
    fault: Fault.optional().meta({ description: 'The faults that the edge injects, as the rule defines them.' }),
    mirrors: z
      .array(ExplainedMirror)
      .optional()
      .meta({ description: 'The destinations of copies of the request. Absent when there are none.' }),
    request: ExplainedRequest,
    timeout: z.string().optional().meta({ description: 'The timeout of the request. Absent when there is none.' }),
  })
  .meta({ id: 'ExplainedForward' });
