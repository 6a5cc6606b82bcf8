/** Certificates that a real authority issues: Pebble asks a real Envoy. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Backend } from './backend.ts';
import { http, https } from './edge.ts';
import { findPebble, Pebble } from './pebble.ts';
import { until } from './process.ts';
import { freePort, Stack } from './stack.ts';

describe.skipIf(!findPebble())('an automatic certificate', () => {
  let pebble: Pebble;
  let stack: Stack;
  let app: Backend;
  let root: string;

  beforeAll(async () => {
    app = await Backend.start('app');
    const [httpPort, tlsPort] = [await freePort(), await freePort()];
    pebble = await Pebble.start({ httpPort, tlsPort });
    stack = await Stack.start({
      ports: { http: httpPort, https: tlsPort },
      apiEnv: {
        GATEHOUSE_ACME_DIRECTORY: pebble.directory,
        GATEHOUSE_ACME_INTERVAL: '200',
        GATEHOUSE_PLATFORM_DOMAIN: 'apps.test',
        NODE_EXTRA_CA_CERTS: pebble.caFile,
      },
    });
    root = await pebble.root();
    await stack.createTenant('acme');
  });
  afterAll(async () => {
    await stack?.stop();
    await pebble?.stop();
    await app?.stop();
  });

  const configuration = (hosts: string[], servers: object[]) => ({
    certificates: { auto: { acme: {} } },
    gateways: { web: { selector: { ingress: 'public' }, servers } },
    upstreams: { app: { port: app.port, endpoints: [{ address: '127.0.0.1' }] } },
    routes: { app: { hosts, gateways: ['web'], http: [{ route: [{ destination: { upstream: 'app' } }] }] } },
  });
  const secure = (...hosts: string[]) => ({
    port: { number: 443, name: 'https', protocol: 'HTTPS' },
    hosts,
    tls: { mode: 'SIMPLE', credentialName: 'auto' },
  });
  const served = (host: string) =>
    until(`https://${host}`, async () => (await https({ port: stack.httpsPort, host, ca: root })).status === 200);

  it('is obtained for a host that has only an HTTPS server', async () => {
    await stack.publish(
      'acme',
      'configuration',
      configuration(['cold.acme.apps.test'], [secure('cold.acme.apps.test')]),
    );
    await served('cold.acme.apps.test');
    expect((await http({ port: stack.httpPort, host: 'cold.acme.apps.test' })).status).toBe(404);
  });
});
