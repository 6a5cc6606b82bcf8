import { expect, test } from 'vitest';
import { affectedRoutes } from '../../dataplane/serve/state/affected-routes.ts';
import { Configuration } from '../../model/configuration.ts';

const spec = (body: string, ...hosts: string[]) => ({
  hosts,
  gateways: ['web'],
  http: [{ directResponse: { status: 200, body } }],
});
const before = Configuration.fromDocument({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
    },
  },
  routes: { exact: spec('v0', 'a.test', 'b.test'), wild: spec('v0', '*.w.test') },
});
const NAMES = ['80|a.test', '80|b.test', '80|c.test', '80|x.w.test', '80|*.w.test', '80|w.test'];
const affected = (after: Configuration) => NAMES.filter(affectedRoutes(before, after) ?? (() => true));

test('a change of routes affects the hosts that they list before or after it, and those below their wildcards', () => {
  expect(affected(before.with('route', 'exact', spec('v1', 'a.test', 'b.test')))).toEqual(['80|a.test', '80|b.test']);
  expect(affected(before.with('route', 'exact', spec('v0', 'b.test', 'c.test')))).toEqual(NAMES.slice(0, 3));
  expect(affected(before.with('route', 'wild', spec('v1', '*.w.test')))).toEqual(['80|x.w.test', '80|*.w.test']);
  expect(affected(before.without('route', 'wild'))).toEqual(['80|x.w.test', '80|*.w.test']);
  expect(affected(before.with('route', 'all', spec('v1', '*')))).toEqual(NAMES);
});

test('a change of anything else, and one beside a rule that delegates, may affect all', () => {
  expect(affectedRoutes(before, before.without('gateway', 'web'))).toBeUndefined();
  const delegating = { ...spec('v1', 'a.test'), http: [{ match: [{ uri: { prefix: '/x' } }], delegate: 'wild' }] };
  expect(affectedRoutes(before, before.with('route', 'exact', delegating as never))).toBeUndefined();
});

test('the routes of a whole port are affected by every route', () => {
  const affects = affectedRoutes(before, before.with('route', 'exact', spec('v1', 'a.test')))!;
  expect(affects('tcp/5432|*')).toBe(true);
});
