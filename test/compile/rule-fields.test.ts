/** Every field of a rule has an effect on what Envoy gets, or a reason why it has none. */
import { describe, expect, test } from 'vitest';
import { routeConfiguration } from '../../dataplane/compile/index.ts';
import { RouteConfiguration } from '../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import type { Cors } from '../../model/route/cors.ts';
import type { Destination } from '../../model/route/destination.ts';
import type { Fault } from '../../model/route/fault.ts';
import type { HeaderChanges } from '../../model/route/header-changes.ts';
import type { Match } from '../../model/route/match.ts';
import type { Mirror } from '../../model/route/mirror.ts';
import type { Retries } from '../../model/route/retry.ts';
import { Rule } from '../../model/route/rule.ts';
import { fleet, routing } from './case.ts';

/** Why Envoy gets nothing of a field. */
const WITHOUT_EFFECT = Symbol('why there is no effect');
interface Without {
  [WITHOUT_EFFECT]: string;
}
const without = (reason: string): Without => ({ [WITHOUT_EFFECT]: reason });

/** For each field of an object a rule with the field. A field that is missing here is a type error. */
type Samples<T> = { readonly [F in keyof T]-?: Rule | Without };

const route = [{ destination: { upstream: 'u' } }];
const plain: Rule = { route };
const to = (destination: Destination, weight?: number): Rule => ({
  route: [{ destination, ...(weight !== undefined && { weight }) }, ...(weight === undefined ? [] : shared)],
});
const shared = [{ destination: { upstream: 'w' }, weight: 50 }];

/** `policies/added.test.ts` shows the effect of policies, with kinds that only tests have. */
const rule: Samples<Omit<Rule, 'policies'>> = {
  name: without('people call the rule by it'),
  match: { match: [{ uri: { exact: '/a' } }], route },
  rewrite: { rewrite: { authority: 'a.test' }, route },
  route: { route: [{ destination: { upstream: 'w' } }] },
  redirect: { redirect: { scheme: 'https' } },
  directResponse: { directResponse: { status: 503 } },
  delegate: without('the rules of the other route take its place; compile/cases/delegation.case shows them'),
  timeout: { timeout: '3s', route },
  idleTimeout: { idleTimeout: '3s', route },
  streamTimeout: { streamTimeout: '3s', route },
  upgrades: { upgrades: [], route },
  headers: { headers: { request: { set: { a: 'b' } } }, route },
  mirrors: { mirrors: [{ destination: { upstream: 'u' } }], route },
  retries: { retries: { attempts: 1 }, route },
  fault: { fault: { delay: { fixed: '1s' } }, route },
  cors: { cors: { allowOrigins: [{ exact: '*' }] }, route },
  grpcWeb: { grpcWeb: true, route },
};
const delayed = (delay: NonNullable<Fault['delay']>): Rule => ({ fault: { delay }, route });
const aborted = (abort: NonNullable<Fault['abort']>): Rule => ({ fault: { abort }, route });
const fault: Samples<Fault> = { delay: delayed({ fixed: '1s' }), abort: aborted({ httpStatus: 503 }) };
const delay: Samples<NonNullable<Fault['delay']>> = {
  fixed: delayed({ fixed: '2s' }),
  fromHeader: delayed({ fromHeader: true }),
  percentage: delayed({ fixed: '1s', percentage: 1 }),
};
const abort: Samples<NonNullable<Fault['abort']>> = {
  httpStatus: aborted({ httpStatus: 500 }),
  grpcStatus: aborted({ grpcStatus: 14 }),
  fromHeader: aborted({ fromHeader: true }),
  percentage: aborted({ httpStatus: 503, percentage: 1 }),
};
const allowing = (more: Partial<Cors>): Rule => ({
  cors: { allowOrigins: [{ exact: 'https://a.test' }], ...more },
  route,
});
const cors: Samples<Cors> = {
  allowOrigins: allowing({ allowOrigins: [{ exact: 'https://b.test' }] }),
  allowMethods: allowing({ allowMethods: ['PUT'] }),
  allowHeaders: allowing({ allowHeaders: ['x-a'] }),
  exposeHeaders: allowing({ exposeHeaders: ['x-a'] }),
  maxAge: allowing({ maxAge: '1h' }),
  allowCredentials: allowing({ allowCredentials: true }),
};
const again = (more: Partial<Retries>): Rule => ({ retries: { attempts: 1, on: [503], ...more }, route });
const retries: Samples<Retries> = {
  attempts: again({ attempts: 2 }),
  on: again({ on: [502] }),
  nonIdempotent: again({ nonIdempotent: true }),
  perTryTimeout: again({ perTryTimeout: '1s' }),
  backoff: again({ backoff: { base: '10ms' } }),
  hosts: again({ hosts: 'any' }),
};
const backoff: Samples<NonNullable<Retries['backoff']>> = {
  base: again({ backoff: { base: '10ms' } }),
  max: again({ backoff: { max: '1s' } }),
};
const mirror: Samples<Mirror> = {
  destination: { mirrors: [{ destination: { upstream: 'w' } }], route },
  percentage: { mirrors: [{ destination: { upstream: 'u' }, percentage: 0.5 }], route },
};
const when = (match: Match): Rule => ({ match: [match], route });
const match: Samples<Match> = {
  uri: when({ uri: { prefix: '/b' } }),
  ignoreUriCase: when({ uri: { exact: '/a' }, ignoreUriCase: true }),
  method: when({ uri: { exact: '/a' }, method: { exact: 'PUT' } }),
  headers: when({ uri: { exact: '/a' }, headers: { a: { exact: 'b' } } }),
  withoutHeaders: when({ uri: { exact: '/a' }, withoutHeaders: { a: { exact: 'b' } } }),
  grpc: when({ grpc: { service: { exact: 's' }, method: { exact: 'm' } } }),
  scheme: when({ uri: { exact: '/a' }, scheme: { exact: 'https' } }),
  authority: when({ uri: { exact: '/a' }, authority: { exact: 'b.test' } }),
  cookies: when({ uri: { exact: '/a' }, cookies: { a: { exact: 'b' } } }),
  source: when({ uri: { exact: '/a' }, source: ['10.0.0.0/8'] }),
  port: when({ uri: { exact: '/a' }, port: 81 }),
  gateways: when({ uri: { exact: '/a' }, gateways: ['other'] }),
  queryParams: when({ uri: { exact: '/a' }, queryParams: { a: { exact: 'b' } } }),
};
const rewrite: Samples<NonNullable<Rule['rewrite']>> = {
  uri: { rewrite: { uri: '/b', authority: 'a.test' }, route },
  fullPath: { rewrite: { fullPath: '/b', authority: 'a.test' }, route },
  regex: { rewrite: { regex: { pattern: '/a', substitution: '/b' }, authority: 'a.test' }, route },
  authority: { rewrite: { authority: 'b.test' }, route },
};
const byPattern = (pattern: string, substitution: string): Rule => ({
  rewrite: { regex: { pattern, substitution } },
  route,
});
const regex: Samples<NonNullable<NonNullable<Rule['rewrite']>['regex']>> = {
  pattern: byPattern('/c', '/b'),
  substitution: byPattern('/a', '/c'),
};
const directResponse: Samples<NonNullable<Rule['directResponse']>> = {
  status: { directResponse: { status: 404 } },
  body: { directResponse: { status: 503, body: 'no' } },
  contentType: { directResponse: { status: 503, body: 'no', contentType: 'text/html' } },
  headers: { directResponse: { status: 503, headers: { 'retry-after': '9' } } },
};
const redirect: Samples<NonNullable<Rule['redirect']>> = {
  scheme: { redirect: { scheme: 'https' } },
  authority: { redirect: { authority: 'b.test' } },
  port: { redirect: { port: 8080 } },
  uri: { redirect: { uri: '/b' } },
  prefix: { redirect: { prefix: '/b' } },
  status: { redirect: { uri: '/a', status: 308 } },
};
const changed = (request: HeaderChanges): Rule => ({ headers: { request }, route });
const headerChanges: Samples<HeaderChanges> = {
  set: changed({ set: { a: 'b' } }),
  add: changed({ add: { a: 'b' } }),
  remove: changed({ remove: ['a'] }),
};
const headers: Samples<NonNullable<Rule['headers']>> = {
  request: { headers: { request: { set: { a: 'b' } } }, route },
  response: { headers: { response: { set: { a: 'b' } } }, route },
};
const destination: Samples<Destination> = {
  upstream: to({ upstream: 'w' }),
  subset: to({ upstream: 'u', subset: 'v1' }),
  port: without('it must equal the port of the upstream'),
};
const divided = (more: Partial<NonNullable<Rule['route']>[number]>): Rule => ({
  route: [{ destination: { upstream: 'u' }, weight: 50, ...more }, ...shared],
});
const weighted: Samples<NonNullable<Rule['route']>[number]> = {
  destination: to({ upstream: 'x' }, 50),
  weight: to({ upstream: 'u' }, 20),
  directResponse: { route: [{ directResponse: { status: 503 }, weight: 50 }, ...shared] },
  headers: divided({ headers: { request: { set: { a: 'b' } } } }),
  rewrite: divided({ rewrite: { uri: '/b' } }),
};

const places: readonly [of: string, base: Rule, samples: Readonly<Record<string, Rule | Without>>][] = [
  ['a rule', plain, rule],
  ['a match', when({ uri: { exact: '/a' } }), match],
  ['a rewrite', rule.rewrite as Rule, rewrite],
  ['a rewrite by a pattern', byPattern('/a', '/b'), regex],
  ['a direct response', rule.directResponse as Rule, directResponse],
  ['a redirect', { redirect: { uri: '/a' } }, redirect],
  ['a fault', plain, fault],
  ['a delay', delayed({ fixed: '1s' }), delay],
  ['an abort', aborted({ httpStatus: 503 }), abort],
  ['cors', allowing({}), cors],
  ['retries', again({}), retries],
  ['a pause between retries', again({ backoff: {} }), backoff],
  ['a mirror', rule.mirrors as Rule, mirror],
  ['headers', plain, headers],
  ['changes of headers', plain, headerChanges],
  ['a destination', plain, destination],
  ['a destination with a weight', to({ upstream: 'u' }, 50), weighted],
];

const compiled = (each: Rule): unknown =>
  RouteConfiguration.toJSON(routeConfiguration(routing(Rule.parse(each)), 'acme', fleet, 80, 'a.test').message);

describe.each(places)('of %s', (_, base, samples) => {
  test.each(Object.entries(samples))('%s', (field, sample) => {
    if (WITHOUT_EFFECT in sample) return;
    expect(compiled(sample), `${field} is in \`Compiled\`, but nothing compiles it`).not.toEqual(compiled(base));
  });
});
