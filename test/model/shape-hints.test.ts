/** The hints for values of the wrong shape. */
import { expect, test } from 'vitest';
import type { Kind } from '../../model/kinds/index.ts';
import { parse } from '../../model/violations.ts';

const route = (rule: object) => ({
  hosts: ['a.x'],
  gateways: ['g'],
  http: [{ route: [{ destination: { upstream: 'u' } }], ...rule }],
});
const upstream = (endpoints: unknown) => ({ port: 80, endpoints });

test.each<[Kind, object, string, string | undefined]>([
  // A value that the first field of the object takes.
  ['route', route({ match: [{ uri: '/a' }] }), '/http/0/match/0/uri', 'write {"exact":"/a"}'],
  ['route', route({ match: [{ method: 'GET' }] }), '/http/0/match/0/method', 'write {"exact":"GET"}'],
  ['route', route({ match: [{ headers: { a: 'b' } }] }), '/http/0/match/0/headers/a', 'write {"exact":"b"}'],
  ['route', route({ route: [{ destination: 'app' }] }), '/http/0/route/0/destination', 'write {"upstream":"app"}'],
  ['route', route({ retries: 3 }), '/http/0/retries', 'write {"attempts":3}'],
  ['upstream', upstream(['10.0.0.1']), '/endpoints/0', 'write {"address":"10.0.0.1"}'],
  // One item in place of a list, and the other way round.
  ['route', route({ match: { port: 80 } }), '/http/0/match', 'write it in a list: [{"port":80}]'],
  ['route', { ...route({}), hosts: 'a.x' }, '/hosts', 'write it in a list: ["a.x"]'],
  ['route', { ...route({}), http: { timeout: `1${' '.repeat(200)}s` } }, '/http', 'write it in a list'],
  ['route', route({ retries: { attempts: 1, on: 503 } }), '/http/0/retries/on', 'write it in a list: [503]'],
  ['route', route({ retries: [{ attempts: 3 }] }), '/http/0/retries', 'write it without brackets: {"attempts":3}'],
  ['route', route({ timeout: ['5s'] }), '/http/0/timeout', 'write it without brackets: "5s"'],
  // Otherwise the example of the schema, or its fields.
  ['route', route({ match: [{ uri: 'a' }] }), '/http/0/match/0/uri', 'for example {"pathPrefix":"/reviews"}'],
  ['route', route({ match: [{ headers: 'a' }] }), '/http/0/match/0/headers', 'for example {"name":{"exact":"jason"}}'],
  [
    'upstream',
    upstream(['10.0.0.1:80']),
    '/endpoints/0',
    'for example {"address":"10.0.0.7","port":9080,"labels":{"version":"v1"}}',
  ],
  [
    'upstream',
    { port: 80 },
    '/endpoints',
    'for example [{"address":"10.0.0.7","port":9080,"labels":{"version":"v1"}}]',
  ],
  ['route', route({ retries: { attempts: 1, backoff: '1s' } }), '/http/0/retries/backoff', 'write {"base":"1s"}'],
  ['route', route({ retries: { attempts: 1, backoff: 1 } }), '/http/0/retries/backoff', 'known fields: base, max'],
  // Numbers in quotes, also where names are allowed.
  ['route', route({ retries: { attempts: 1, on: ['503'] } }), '/http/0/retries/on/0', 'write it without quotes: 503'],
  ['route', route({ retries: { attempts: 1, on: ['x'] } }), '/http/0/retries/on/0', undefined],
  [
    'route',
    route({ route: undefined, redirect: { scheme: 'https', status: '308' } }),
    '/http/0/redirect/status',
    'write it without quotes: 308',
  ],
  [
    'route',
    route({ route: undefined, redirect: { scheme: 'https', status: '309' } }),
    '/http/0/redirect/status',
    undefined,
  ],
  // Addresses with more than an address.
  ['upstream', upstream([{ address: 'http://a.x:80/b' }]), '/endpoints/0/address', 'write "a.x", and 80 in `port`'],
  ['upstream', upstream([{ address: '[::1]' }]), '/endpoints/0/address', 'write "::1"'],
  ['upstream', upstream([{ address: 'a b:80' }]), '/endpoints/0/address', undefined],
])('%s %j', (kind, body, path, hint) => {
  const parsed = parse(kind, 'it', body);
  const found = parsed.ok ? [] : parsed.violations.map((each) => [each.path, each.hint]);
  expect(found).toEqual([[path, hint]]);
});

test('violations that the response does not list get no hint, which takes time', () => {
  const body = route({ retries: 3, match: { port: 80 }, mirors: [] });
  const hints = (most?: number) => {
    const parsed = parse('route', 'it', body, most);
    return parsed.ok ? [] : parsed.violations.filter(({ hint }) => hint !== undefined).length;
  };
  expect([hints(), hints(2), hints(0)]).toEqual([3, 2, 0]);
});
