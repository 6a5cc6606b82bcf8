import { expect, test } from 'vitest';
import { check } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';

test('a mirror whose name Envoy would resolve is rejected; a destination is not, and no name that the agent resolves', () => {
  const destination = { upstream: 'named' };
  const configuration = (dns: 'strict' | 'logical') =>
    Configuration.fromDocument({
      routes: {
        r: { hosts: ['a.test'], gateways: [], http: [{ route: [{ destination }], mirrors: [{ destination }] }] },
      },
      upstreams: { named: { port: 80, dns, endpoints: [{ address: 'app.example' }] } },
    });
  expect(check(configuration('logical')).errors).toMatchObject([
    { resource: 'routes/r', path: '/http/0/mirrors/0/destination/upstream', code: 'name-destination' },
  ]);
  expect(check(configuration('strict')).errors).toEqual([]);
});
