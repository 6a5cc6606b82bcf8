import { afterAll, beforeAll, expect, test } from 'vitest';
import { configuration } from '../../demo/bookinfo/configuration.ts';
import { portsFrom } from '../../demo/bookinfo/ports.ts';
import { startBookinfo } from '../../demo/bookinfo/start.ts';
import { Authority } from './authority.ts';
import { http, https } from './edge.ts';
import { until } from './process.ts';
import { freePorts, Stack } from './stack.ts';

const HOST = 'bookinfo.example.com';
const ports = portsFrom(await freePorts(6));
const servers = [
  { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [HOST] },
  {
    port: { number: 443, name: 'https', protocol: 'HTTPS' },
    hosts: [HOST],
    tls: { mode: 'SIMPLE', credentialName: 'bookinfo' },
  },
];
let stack: Stack;
let authority: Authority;
let bookinfo: { close(): Promise<void> };
beforeAll(async () => {
  [stack, authority] = await Promise.all([Stack.start({ onWorkers: true }), Authority.create()]);
  bookinfo = await startBookinfo({ ports, gateway: { url: `http://127.0.0.1:${stack.httpPort}`, host: HOST } });
});
afterAll(async () => {
  await bookinfo?.close();
  await stack?.stop();
});

const page = () => http({ port: stack.httpPort, host: HOST, path: '/productpage' });

test('the Bookinfo application is live through an API on Workers', async () => {
  await stack.createTenant('bookinfo');
  await stack.publish('bookinfo', 'configuration', {
    ...configuration({ ports, host: HOST, gateway: 'bookinfo' }),
    gateways: { bookinfo: { selector: { ingress: 'public' }, servers } },
    certificates: { bookinfo: await authority.issue(HOST) },
  });
  expect((await page()).body).toContain('The Comedy of Errors');
  expect((await https({ port: stack.httpsPort, host: HOST, path: '/details/1', ca: authority.pem })).status).toBe(200);
  expect((await http({ port: stack.httpPort, host: HOST, path: '/v1/1' })).body).toContain('"version":"v1"');
});

test('after the API was killed and restarted, the agent resumes, and the next change becomes live', async () => {
  await stack.api.stop();
  expect((await page()).status).toBe(200);
  await stack.startApi();
  const before = await stack.call('/tenants/bookinfo');
  expect(before.body.revision).toBe(1);
  const gone = { hosts: [HOST], gateways: ['bookinfo'], http: [{ directResponse: { status: 410, body: 'moved' } }] };
  expect((await stack.publish('bookinfo', 'routes/bookinfo', gone)).status).toBe(200);
  await until('the change', async () => (await page()).status === 410);
});
