/** What the schema of a rule says about its action. */
import { expect, test } from 'vitest';
import { parse } from '../../model/violations.ts';

const route = [{ destination: { upstream: 'u' } }];
const written = (rule: object) => parse('route', 'it', { hosts: ['a.x'], gateways: ['g'], http: [rule] });
const violations = (rule: object) => {
  const parsed = written(rule);
  return parsed.ok ? [] : parsed.violations.map(({ path, code }) => `${path} ${code}`);
};

test.each<[about: string, rule: object, violation: string]>([
  ['a redirect and a route', { redirect: { uri: '/' }, route }, '/http/0 exactly-one'],
  ['a redirect to the same URL', { redirect: { status: 302 } }, '/http/0/redirect without-effect'],
  ['a redirect with two paths', { redirect: { uri: '/', prefix: '/' } }, '/http/0/redirect/prefix conflicting-fields'],
  [
    'a redirect with two ports',
    { redirect: { authority: 'a.x:1', port: 2 } },
    '/http/0/redirect/port conflicting-fields',
  ],
  ['a status that redirects nothing', { redirect: { uri: '/', status: 304 } }, '/http/0/redirect/status invalid-value'],
  ['a query in a redirect', { redirect: { uri: '/?a' } }, '/http/0/redirect/uri invalid-format'],
  ['a timeout of a redirect', { redirect: { uri: '/' }, timeout: '1s' }, '/http/0/timeout without-effect'],
  ['a rewrite of a redirect', { redirect: { uri: '/' }, rewrite: { uri: '/' } }, '/http/0/rewrite without-effect'],
  [
    'a fault of a redirect',
    { redirect: { uri: '/' }, fault: { delay: { fixed: '1s' } } },
    '/http/0/fault without-effect',
  ],
  [
    'an abort with two statuses',
    { route, fault: { abort: { httpStatus: 503, grpcStatus: 14 } } },
    '/http/0/fault/abort exactly-one',
  ],
  [
    'retries of a direct response',
    { directResponse: { status: 503 }, retries: { attempts: 1 } },
    '/http/0/retries without-effect',
  ],
  [
    'a longest pause that is shorter than the first',
    { route, retries: { attempts: 1, backoff: { max: '10ms' } } },
    '/http/0/retries/backoff/max conflicting-fields',
  ],
  [
    'mirrors of a redirect',
    { redirect: { uri: '/' }, mirrors: [{ destination: { upstream: 'u' } }] },
    '/http/0/mirrors without-effect',
  ],
  [
    'a share of more than all requests',
    { route, mirrors: [{ destination: { upstream: 'u' }, percentage: 101 }] },
    '/http/0/mirrors/0/percentage too-big',
  ],
  [
    'a replaced prefix of an exact match',
    { match: [{}, { uri: { exact: '/a' } }], redirect: { prefix: '/b' } },
    '/http/0/match/1/uri/exact conflicting-fields',
  ],
  [
    'a location of a redirect',
    { redirect: { uri: '/' }, headers: { response: { set: { Location: '/b' } } } },
    '/http/0/headers/response/set/location conflicting-fields',
  ],
  [
    'a removed location of a redirect',
    { redirect: { uri: '/' }, headers: { response: { remove: ['a', 'location'] } } },
    '/http/0/headers/response/remove/1 conflicting-fields',
  ],
  ['an entry without destination', { route: [{ weight: 1 }] }, '/http/0/route/0 exactly-one'],
  [
    'a rewrite of an answered share',
    { route: [{ directResponse: { status: 500 }, weight: 1, rewrite: { uri: '/' } }] },
    '/http/0/route/0/rewrite without-effect',
  ],
  [
    'headers of an answered share',
    { route: [{ directResponse: { status: 500 }, weight: 1, headers: { response: { set: { a: 'b' } } } }] },
    '/http/0/route/0/headers without-effect',
  ],
  [
    'an answered share of several without a weight',
    { route: [...route.map((each) => ({ ...each, weight: 1 })), { directResponse: { status: 500 } }] },
    '/http/0/route/1/weight weight-missing',
  ],
  [
    'more routes than Envoy should get from one rule',
    {
      match: Array.from({ length: 33 }, (_, n) => ({ uri: { exact: `/${n}` } })),
      route: Array.from({ length: 8 }, () => ({ ...route[0], weight: 1, rewrite: { uri: '/' } })),
    },
    '/http/0/route too-big',
  ],
  [
    'a media type without a body',
    { directResponse: { status: 204, contentType: 'text/html' } },
    '/http/0/directResponse/contentType without-effect',
  ],
  [
    'two rewrites of the path',
    { rewrite: { uri: '/', fullPath: '/' }, route },
    '/http/0/rewrite/fullPath conflicting-fields',
  ],
  ['a timeout after the end', { timeout: '2s', streamTimeout: '1s', route }, '/http/0/timeout without-effect'],
  ['no idle timeout', { idleTimeout: '0s', route }, '/http/0/idleTimeout invalid-value'],
  ['an upgrade to h2c', { upgrades: ['H2C'], route }, '/http/0/upgrades/0 invalid-value'],
  ['CONNECT', { upgrades: ['websocket', 'connect'], route }, '/http/0/upgrades/1 invalid-value'],
  ['an upgrade twice', { upgrades: ['x', 'X'], route }, '/http/0/upgrades/1 invalid-value'],
  ['an upgrade of an answer', { upgrades: [], directResponse: { status: 200 } }, '/http/0/upgrades without-effect'],
  [
    'no media type',
    { directResponse: { status: 200, body: 'x', contentType: 'html' } },
    '/http/0/directResponse/contentType invalid-format',
  ],
  [
    'a media type among the headers',
    { directResponse: { status: 200, headers: { 'Content-Type': 'text/html' } } },
    '/http/0/directResponse/headers/Content-Type invalid-header-name',
  ],
])('it rejects %s', (_, rule, violation) => expect(violations(rule)).toEqual([violation]));
