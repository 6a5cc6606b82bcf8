import { expect, test } from 'vitest';
import { Configuration } from '../../model/configuration.ts';
import { explain } from '../../model/explain/explain.ts';
import { parse } from '../../model/violations.ts';

const server = (tls: object) => ({
  selector: { ingress: 'public' },
  servers: [{ port: { number: 443, name: 'tls', protocol: 'HTTPS' }, hosts: ['*.pass.test'], tls }],
});
const codesOf = (parsed: ReturnType<typeof parse>) => (parsed.ok ? [] : parsed.violations.map(({ code }) => code));
const route = (more: object) => ({ gateways: ['web'], ...more });
const rule = (name: string) => ({ match: [{ sniHosts: [name] }], route: [{ destination: { upstream: 'u' } }] });

test.for([
  [
    'a certificate that no handshake shows',
    'gateway',
    server({ mode: 'PASSTHROUGH', credentialName: 'c' }),
    '/servers/0/tls/credentialName',
  ],
  ['a server without the certificate to show', 'gateway', server({ mode: 'SIMPLE' }), '/servers/0/tls/credentialName'],
  [
    'a server name that the route does not have',
    'route',
    route({ hosts: ['a.test'], tls: [rule('b.test')] }),
    '/tls/0/match/0/sniHosts/0',
  ],
  ['server names without hosts', 'route', route({ tls: [rule('b.test')] }), '/hosts'],
] as const)('%s is an error', ([, kind, body, path]) => {
  const parsed = parse(kind, 'web', body);
  expect(parsed.ok ? [] : parsed.violations.map((each) => each.path)).toEqual([path]);
});

test('explain names the rule that forwards the connection, and 421 on another connection', () => {
  const fleet = {
    name: 'edge',
    labels: { ingress: 'public' },
    tenant: 'acme',
    ports: [{ number: 443, bind: 443, protocol: 'HTTPS' as const }],
  };
  const configuration = Configuration.fromDocument({
    gateways: { web: server({ mode: 'PASSTHROUGH' }) as never },
    routes: { pass: { hosts: ['*.pass.test'], gateways: ['web'], tls: [rule('a.pass.test')] } },
    upstreams: { u: { port: 1, endpoints: [{ address: '10.0.0.1' }] } },
  });
  const why = (authority: string) => explain(configuration, 'acme', fleet, { scheme: 'https', authority }).why;
  expect(why('a.pass.test')).toContain('routes/pass /tls/0 forwards the connection');
  expect(why('b.pass.test')).toContain('no rule matches the connection, so it is closed');
});

test('a server has one of these protocols, in any case', () => {
  const parsed = (protocol: string) =>
    parse('gateway', 'web', {
      selector: { ingress: 'public' },
      servers: [{ port: { number: 1, name: 'p', protocol }, hosts: ['a.test'] }],
    });
  for (const protocol of 'http grpc Grpc-Web HTTP2 tcp udp mongo mysql redis postgres'.split(' '))
    expect(parsed(protocol)).toMatchObject({ ok: true });
  for (const protocol of ['https', 'Tls']) expect(codesOf(parsed(protocol))).toEqual(['tls-required']);
  const unknown = parsed('SCTP');
  expect(unknown.ok ? '' : unknown.violations[0]!.message).toContain(
    'HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, TCP, TLS, UDP, MONGO, MYSQL, REDIS, POSTGRES',
  );
});
