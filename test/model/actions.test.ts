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
])('it rejects %s', (_, rule, violation) => expect(violations(rule)).toEqual([violation]));
