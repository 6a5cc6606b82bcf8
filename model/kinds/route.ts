import { z } from 'zod';
import { boundPatterns } from '../matching/patterns.ts';
import { byHeader, exactlyOne, HeaderMatch, Path, QueryMatch, StringMatch, UriMatch } from '../route/match.ts';
import { Duration } from '../values/duration.ts';
import { HeaderValue, MutableHeaderName } from '../values/header.ts';
import { HostPattern } from '../values/host.ts';
import { Labels } from '../values/labels.ts';
import { Name } from '../values/name.ts';
import { always, isObject } from '../values/refine.ts';

/** Envoy's own bound on the body of a direct response. */
const MAX_BODY = 4096;

export const Match = z
  .strictObject({
    uri: UriMatch.optional(),
    ignoreUriCase: z.boolean().optional().describe('Compare `uri` without regard to case.'),
    method: StringMatch.optional(),
    headers: byHeader(HeaderMatch).optional().describe('Each of these headers must match.'),
    withoutHeaders: byHeader(HeaderMatch)
      .optional()
      .describe('None of these headers may match; a missing header counts as an empty one.'),
    queryParams: QueryMatch.optional().describe(
      'Each of these query parameters must match, as written in the URL (not decoded).',
    ),
  })
  .meta({
    id: 'Match',
    description: 'A condition: every field must hold.',
    example: { uri: { pathPrefix: '/reviews' }, headers: { 'end-user': { exact: 'jason' } } },
  });
export type Match = z.infer<typeof Match>;

const Destination = z
  .strictObject({
    upstream: Name,
    subset: Name.optional(),
    port: z.int().min(1).max(65535).optional().describe('Must equal the port of the upstream.'),
  })
  .meta({ id: 'Destination', example: { upstream: 'reviews', subset: 'v1', port: 9080 } });

const WeightedDestination = z
  .strictObject({
    destination: Destination,
    weight: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe(
        'Share of the traffic among the destinations of the rule: one of weight 0 receives none. Required when there are several. The weights of a rule must not sum to 0.',
      ),
  })
  .meta({ id: 'WeightedDestination' });

const Rewrite = z
  .strictObject({
    uri: Path.optional().describe(
      'Replaces what `uri` matched: the prefix of a prefix match, else the whole path. The query stays. A request gets 403 when its rewritten path would have a dot segment: with `prefix: /off` and `/` here, `/off../admin` would become `/../admin`.',
    ),
    authority: z
      .string()
      .min(1)
      .max(260)
      .regex(/^([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/, 'must be a host, with or without port')
      .optional()
      .describe('Replaces the Host header.'),
  })
  .refine((rewrite) => rewrite.uri !== undefined || rewrite.authority !== undefined, 'needs uri or authority')
  .meta({ id: 'Rewrite', example: { uri: '/v2' } });

export const HeaderChanges = z
  .strictObject({
    set: byHeader(HeaderValue, MutableHeaderName).optional().describe('Overwrites or creates.'),
    add: byHeader(HeaderValue, MutableHeaderName).optional().describe('Appends another value.'),
    remove: z
      .array(MutableHeaderName.overwrite((name) => name.toLowerCase()))
      .max(32)
      .optional(),
  })
  .meta({
    id: 'HeaderChanges',
    description: 'Values are taken literally; `%` has no meaning.',
    example: { set: { 'x-team': 'books' } },
  });
export type HeaderChanges = z.infer<typeof HeaderChanges>;

/**
 * A client reads bytes after the head of such a response as the next response on the connection (RFC 9110 §15.3.5,
 * §15.3.6, §15.4.5).
 */
export const isBodiless = (status: number): boolean => status === 204 || status === 205 || status === 304;

const DirectResponse = z
  .strictObject({
    status: z.int().min(200).max(599),
    body: z
      .string()
      .max(MAX_BODY)
      .refine((body) => new TextEncoder().encode(body).length <= MAX_BODY, `must be at most ${MAX_BODY} bytes`)
      .optional(),
  })
  .superRefine(({ status, body }, context) => {
    if (body && isBodiless(status))
      context.addIssue({
        code: 'custom',
        path: ['body'],
        message: `a response with status ${status} has no body: leave it out, or use another status`,
        params: { code: 'body-refused' },
      });
  }, always(isObject))
  .meta({
    id: 'DirectResponse',
    description: 'An answer without any upstream.',
    example: { status: 503, body: 'Back at noon.' },
  });

export const Rule = z
  .strictObject({
    name: Name.optional(),
    match: z
      .array(Match)
      .min(1)
      .max(64)
      .optional()
      .describe('The rule applies when one of these holds; without it, always.'),
    rewrite: Rewrite.optional(),
    route: z
      .array(WeightedDestination)
      .min(1)
      .max(32)
      .optional()
      .describe('Where requests go, in proportion to the weights.'),
    directResponse: DirectResponse.optional(),
    timeout: Duration.optional().describe(
      'Until the whole response has come. Default, and `0s`: no limit, as long as something moves every 5 minutes.',
    ),
    headers: z
      .strictObject({ request: HeaderChanges.optional(), response: HeaderChanges.optional() })
      .optional()
      .describe('Changes to the request before the upstream sees it, and to the response before the client does.'),
  })
  .superRefine(exactlyOne('route', 'directResponse'), always(isObject))
  .superRefine((rule, context) => {
    for (const field of ['rewrite', 'timeout'] as const) {
      if (rule.directResponse !== undefined && rule[field] !== undefined)
        context.addIssue({
          code: 'custom',
          path: [field],
          message: 'has no meaning with directResponse',
          params: { code: 'without-effect' },
        });
    }
    const destinations = Array.isArray(rule.route) ? rule.route : [];
    const unweighted = destinations.findIndex((each) => isObject(each) && each.weight === undefined);
    if (unweighted >= 0 && destinations.length > 1)
      context.addIssue({
        code: 'custom',
        path: ['route', unweighted, 'weight'],
        message: 'each of several destinations needs a weight',
        params: { code: 'weight-missing' },
      });
    else if (destinations.length > 0 && destinations.every((each) => isObject(each) && each.weight === 0))
      context.addIssue({
        code: 'custom',
        path: ['route'],
        message: 'the weights sum to 0, so no destination would receive requests; use directResponse to answer them',
        params: { code: 'weights-sum' },
      });
  }, always(isObject))
  .meta({ id: 'Rule', description: 'Which requests, and what becomes of them.' });
export type Rule = z.infer<typeof Rule>;

export const Route = z
  .preprocess(
    boundPatterns,
    z.strictObject({
      labels: Labels.optional(),
      hosts: z
        .array(HostPattern)
        .min(1)
        .max(256)
        .describe(
          'Served where they intersect with the hosts of the gateways. Rules of a route with a more specific host are tried first; what they leave goes to the routes of wider ones. All routes of a tenant name at most 50,000 hosts, unless the operator sets another limit; a host counts once for each five labels that it has.',
        ),
      gateways: z.array(Name).min(1).max(32).describe('Gateways of the same tenant.'),
      http: z.array(Rule).min(1).max(512).describe('In order: the first rule that matches serves the request.'),
    }),
  )
  .meta({ id: 'Route', description: 'Shows the way: matches requests for its hosts and sends them to upstreams.' });
export type Route = z.infer<typeof Route>;
