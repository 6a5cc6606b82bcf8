import { z } from 'zod';
import { policies } from '../policies/index.ts';
import { exactlyOne } from '../values/exactly-one.ts';
import { Name } from '../values/name.ts';
import { isObject } from '../values/refine.ts';
import { sparse } from '../values/sparse.ts';
import { Cors } from './cors.ts';
import { checkDelegate, Delegate } from './delegate.ts';
import { type Destination, type DestinationUse, WeightedDestination } from './destination.ts';
import { DirectResponse } from './direct-response.ts';
import { Fault } from './fault.ts';
import { HeadersOfBoth } from './header-changes.ts';
import { Match } from './match.ts';
import { Mirror } from './mirror.ts';
import { Redirect } from './redirect.ts';
import { Retries } from './retry.ts';
import { Rewrite } from './rewrite.ts';
import { isDivided } from './shares.ts';
import { checkTimeouts, timeouts } from './timeouts.ts';
import { Upgrades } from './upgrades.ts';
import { checkWeights } from './weights.ts';

/** The largest number of matches times destinations, if destinations have changes of their own. */
const MAX_ROUTES = 256;

/** The fields that have no effect unless the rule forwards requests. */
const ONLY_WITH_ROUTE = [
  'rewrite',
  'timeout',
  'idleTimeout',
  'streamTimeout',
  'upgrades',
  'mirrors',
  'retries',
  'fault',
  'grpcWeb',
] as const;

export const Rule = sparse
  .strictObject(
    {
      name: Name.optional(),
      match: z
        .array(Match)
        .min(1)
        .max(64)
        .optional()
        .describe('The rule applies when one of these conditions matches; without any, always.'),
      rewrite: Rewrite.optional(),
      route: z
        .array(WeightedDestination)
        .min(1)
        .max(32)
        .optional()
        .describe('Where requests go, in proportion to the weights.'),
      redirect: Redirect.optional(),
      directResponse: DirectResponse.optional(),
      delegate: Delegate.optional(),
      ...timeouts,
      upgrades: Upgrades.optional(),
      retries: Retries.optional(),
      fault: Fault.optional(),
      cors: Cors.optional(),
      grpcWeb: z
        .boolean()
        .optional()
        .describe(
          'Whether gRPC-Web requests of browsers become gRPC requests for the upstream, and their responses gRPC-Web. Requests of other types stay as they are. Default: true on servers with the protocol GRPC-WEB, otherwise false.',
        ),
      mirrors: z.array(Mirror).min(1).max(8).optional().describe('Where copies of the requests go.'),
      headers: HeadersOfBoth.optional().describe(
        'Changes to the request before the upstream sees it, and to the response before the client does.',
      ),
      ...policies,
    },
    exactlyOne('route', 'redirect', 'directResponse', 'delegate'),
    checkAction,
    checkWeights('no destination would receive requests; use directResponse to answer them'),
    boundShares,
    checkTimeouts,
    checkRedirect,
    checkDelegate,
    checkCors,
  )
  .meta({ id: 'Rule', description: 'Which requests, and what becomes of them.' });
export type Rule = z.infer<typeof Rule>;

/** Reports fields that have no effect because the rule does not forward requests. The fields may have any shape. */
function checkAction(rule: object, context: z.core.$RefinementCtx): void {
  const fields = rule as Record<string, unknown>;
  for (const action of ['redirect', 'directResponse'] as const) {
    if (fields[action] === undefined) continue;
    for (const field of ONLY_WITH_ROUTE) {
      if (fields[field] !== undefined)
        context.addIssue({
          code: 'custom',
          path: [field],
          message: `has no meaning with ${action}`,
          params: { code: 'without-effect' },
        });
    }
  }
}

/** Limits the routes that Envoy gets for one rule: one per condition, and per destination if the rule is divided. */
function boundShares(rule: object, context: z.core.$RefinementCtx): void {
  const { route, match } = rule as Record<string, unknown>;
  if (!Array.isArray(route)) return;
  const matches = Array.isArray(match) ? match.length : 1;
  if (route.length * matches <= MAX_ROUTES) return;
  const entries = route.filter(isObject);
  const routes = entries.length * matches;
  if (routes > MAX_ROUTES && isDivided({ route: entries as NonNullable<Rule['route']> }))
    context.addIssue({
      code: 'custom',
      path: ['route'],
      message: `the number of matches times the number of entries with changes of their own must be at most ${MAX_ROUTES}; it is ${routes}`,
      params: { code: 'too-big' },
    });
}

/** Reports a redirect that contradicts other fields of its rule. The fields may have any shape. */
function checkRedirect(rule: object, context: z.core.$RefinementCtx): void {
  const { redirect, match, headers } = rule as Record<string, unknown>;
  if (!isObject(redirect)) return;
  const issue = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message, params: { code: 'conflicting-fields' } });
  if (redirect.prefix !== undefined && Array.isArray(match)) {
    for (const [index, each] of match.entries()) {
      const uri = isObject(each) && isObject(each.uri) ? each.uri : {};
      const field = ['exact', 'regex'].find((name) => uri[name] !== undefined);
      if (field) issue(['match', index, 'uri', field], 'excludes redirect.prefix, which replaces a matched prefix');
    }
  }
  for (const [path, name] of changedHeaders(headers))
    if (name === 'location')
      issue(path, 'is written by redirect; use directResponse for a response with another location');
}

/**
 * Reports changes of the headers that `cors` writes, and too many origins of a rule whose requests the edge answers: it
 * has one route per condition and origin. The fields may have any shape.
 */
function checkCors(rule: object, context: z.core.$RefinementCtx): void {
  const { cors, headers, route, match, redirect, directResponse } = rule as Record<string, unknown>;
  if (!isObject(cors)) return;
  const issue = (path: PropertyKey[], code: string, message: string) =>
    context.addIssue({ code: 'custom', path, message, params: { code } });
  for (const [path, name] of changedHeaders(headers))
    if (name.startsWith('access-control-')) issue(path, 'conflicting-fields', 'is written by cors');
  const entries = Array.isArray(route) ? route.filter(isObject) : [];
  const answers = (redirect ?? directResponse) ? 1 : entries.filter((entry) => entry.directResponse).length;
  const origins = Array.isArray(cors.allowOrigins) ? cors.allowOrigins.length : 0;
  const routes = answers * origins * (Array.isArray(match) ? match.length : 1);
  if (routes > MAX_ROUTES)
    issue(
      ['cors', 'allowOrigins'],
      'too-big',
      `where the edge answers, the number of matches times the number of origins must be at most ${MAX_ROUTES}; it is ${routes}`,
    );
}

/** Lists the response headers that a rule changes, by name in lower case, with their paths. Input may have any shape. */
function* changedHeaders(headers: unknown): Generator<[path: PropertyKey[], name: string]> {
  const response = isObject(headers) && isObject(headers.response) ? headers.response : {};
  for (const [field, names] of Object.entries(response)) {
    const isList = Array.isArray(names);
    for (const [index, name] of (isList ? names : isObject(names) ? Object.keys(names) : []).entries())
      yield [['headers', 'response', field, isList ? index : name], String(name).toLowerCase()];
  }
}

/** An item of a rule that holds a destination. */
export interface HasDestination {
  /** Undefined when the item answers requests itself. */
  destination?: Destination | undefined;
}

/** The fields of a rule that hold destinations: one item or a list of items. */
type DestinationField = {
  [F in keyof Rule]-?: NonNullable<Rule[F]> extends HasDestination | readonly HasDestination[] ? F : never;
}[keyof Rule];

/** The purpose of the destinations in each field of a rule. A missing field is a type error. */
export const destinationFields: Readonly<Record<DestinationField, DestinationUse>> = {
  route: 'route',
  mirrors: 'mirror',
};
