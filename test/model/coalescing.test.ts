import { expect, test } from 'vitest';
import { check } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';

const rule = (upstream: string, ...sniHosts: string[]) => ({
  match: [{ sniHosts }],
  route: [{ destination: { upstream } }],
});
function warned(rules: ReturnType<typeof rule>[], tls: object = { mode: 'PASSTHROUGH' }): string[] {
  const hosts = ['*.a.test', '*.b.test', 'a.test'];
  const configuration = Configuration.fromDocument({
    gateways: {
      web: {
        selector: {},
        servers: [{ port: { number: 443, name: 'tls', protocol: 'TLS' }, hosts, tls } as never],
      },
    },
    routes: Object.fromEntries(
      rules.map((each, n) => [`r${n}`, { hosts, gateways: [n % 2 ? 'web' : 'web:tls'], tls: [each] }]),
    ),
  });
  return check(configuration)
    .warnings.filter(({ code }) => code === 'shared-certificate')
    .map(({ resource, path }) => resource + path);
}

test('two passthrough hosts whose backends may share a wildcard certificate have a warning', () => {
  const at = ['routes/r1/tls/0/match/0/sniHosts/0'];
  expect(warned([rule('u', 'x.a.test'), rule('v', 'y.a.test')])).toEqual(at);
  expect(warned([rule('u', '*.a.test'), rule('v', 'y.a.test')])).toEqual(at);
});

test.each([
  ['one upstream', [rule('u', 'x.a.test'), rule('u', 'y.a.test')]],
  ['different domains', [rule('u', 'x.a.test'), rule('v', 'x.b.test')]],
  ['a host and its parent', [rule('u', 'x.a.test'), rule('v', 'a.test')]],
  ['one host', [rule('u', 'x.a.test')]],
])('there is no warning for %s', (_, rules) => expect(warned(rules)).toEqual([]));

test('there is no warning where the gateway decrypts', () =>
  expect(warned([rule('u', 'x.a.test'), rule('v', 'y.a.test')], { mode: 'SIMPLE', credentialName: 'c' })).toEqual([]));
