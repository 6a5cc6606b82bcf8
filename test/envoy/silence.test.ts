import { expect, it } from 'vitest';
import { Configuration } from '../../model/configuration.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import { startEdge } from './compiled-edge.ts';

it('a request to a host waits for a bounded time if the agent does not respond, and its connection stays open', async () => {
  const [http, https] = [await freePort(), await freePort()];
  const fleet = {
    name: 'public',
    labels: { ingress: 'public' },
    ports: [
      { number: 80, bind: http, protocol: 'HTTP' as const },
      { number: 443, bind: https, protocol: 'HTTPS' as const },
    ],
  };
  const configuration = Configuration.fromDocument({
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['silent.test'] }],
      },
    },
    routes: {
      app: { hosts: ['silent.test'], gateways: ['web'], http: [{ directResponse: { status: 200, body: 'untold' } }] },
    },
  });
  const edge = await startEdge(configuration, fleet, { silentOn: 'silent.test' });
  const waiting = { timeout: 60_000, headers: { host: 'silent.test' } };
  const [request, handshake] = await Promise.allSettled([
    ask({ ...waiting, port: http }),
    ask({ ...waiting, port: https, servername: 'silent.test', rejectUnauthorized: false }, true),
  ]);
  await edge.close();
  expect(request).toMatchObject({ status: 'fulfilled', value: { status: 504 } });
  expect(handshake).toMatchObject({ status: 'rejected', reason: { code: 'ECONNRESET' } });
});
