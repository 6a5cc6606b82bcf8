import { expect, test } from 'vitest';
import { check } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';

test('a mirror whose upstream has a DNS name is rejected, and a destination with one is not', () => {
  const destination = { upstream: 'named' };
  const configuration = Configuration.fromDocument({
    routes: {
      r: { hosts: ['a.test'], gateways: [], http: [{ route: [{ destination }], mirrors: [{ destination }] }] },
    },
    upstreams: { named: { port: 80, endpoints: [{ address: 'app.example' }] } },
  });
  expect(check(configuration).errors).toMatchObject([
    { resource: 'routes/r', path: '/http/0/mirrors/0/destination/upstream', code: 'name-destination' },
  ]);
});
