/** Certificates that a real authority issues: Pebble asks a real Envoy. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import Database from 'better-sqlite3';
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
  let webhook: DnsWebhook;

  beforeAll(async () => {
    app = await Backend.start('app');
    const [httpPort, tlsPort] = [await freePort(), await freePort()];
    pebble = await Pebble.start({ httpPort, tlsPort });
    webhook = await DnsWebhook.start(pebble);
    stack = await Stack.start({
      ports: { http: httpPort, https: tlsPort },
      apiEnv: {
        GATEHOUSE_ACME_DIRECTORY: pebble.directory,
        GATEHOUSE_ACME_INTERVAL: '200',
        GATEHOUSE_ACME_DNS_WEBHOOK: webhook.url,
        GATEHOUSE_ACME_DNS_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
        GATEHOUSE_PLATFORM_DOMAIN: 'apps.test',
        NODE_EXTRA_CA_CERTS: pebble.caFile,
      },
    });
    root = await pebble.root();
    for (const tenant of ['cold', 'warm', 'mixed', 'wild', 'renewed', 'killed']) await stack.createTenant(tenant);
  });
  afterAll(async () => {
    await stack?.stop();
    webhook?.stop();
    await pebble?.stop();
    await app?.stop();
  });

  const http80 = (name: string, hosts: string[], tls?: object) => ({
    port: { number: 80, name, protocol: 'HTTP' },
    hosts,
    ...(tls && { tls }),
  });
  const secure = (name: string, hosts: string[]) => ({
    port: { number: 443, name, protocol: 'HTTPS' },
    hosts,
    tls: { mode: 'SIMPLE', credentialName: 'auto' },
  });
  /** Publishes these servers, and a route that forwards all their requests to the application. */
  const publish = (tenant: string, ...parts: ({ hosts: string[] } | { acme: object })[]) => {
    const servers = parts.filter((each) => 'hosts' in each);
    return stack.publish(tenant, 'configuration', {
      certificates: { auto: parts.find((each) => 'acme' in each) ?? { acme: {} } },
      gateways: { web: { selector: { ingress: 'public' }, servers } },
      upstreams: { app: { port: app.port, endpoints: [{ address: '127.0.0.1' }] } },
      routes: {
        app: {
          hosts: [...new Set(servers.flatMap(({ hosts }) => hosts))],
          gateways: ['web'],
          http: [{ route: [{ destination: { upstream: 'app' } }] }],
        },
      },
    });
  };
  const visit = (host: string) => https({ port: stack.httpsPort, host, ca: root });
  const served = (host: string) =>
    until(`https://${host}`, async () => (await visit(host)).status === 200).catch(async (error) => {
      const found = (await statusOf(host.split('.').at(-3)!)).get(host);
      throw new Error(`${host} is ${JSON.stringify(found)}`, { cause: error });
    });
  const ask = async (host: string, path = '/') => (await http({ port: stack.httpPort, host, path })).status;
  const statusOf = async (tenant: string) => {
    const { body } = await stack.call(`/tenants/${tenant}/certificates/auto/status`);
    return new Map<string, { state: string; reason?: string }>(
      body.items.map((each: { name: string }) => [each.name, each]),
    );
  };
  const inStore = (sql: string) => {
    const store = new Database(join(stack.folder, 'api.sqlite'));
    store.exec(sql);
    store.close();
  };
  const state = (tenant: string, name: string, wanted: string) =>
    until(`${name} ${wanted}`, async () => {
      const found = (await statusOf(tenant)).get(name);
      return found?.state === wanted ? found : undefined;
    });

  it('is obtained for a host that has only an HTTPS server, and that no Envoy has loaded', async () => {
    await publish('cold', secure('https', ['a.cold.apps.test']));
    await served('a.cold.apps.test');
    expect(await ask('a.cold.apps.test')).toBe(404);
    expect(await state('cold', 'a.cold.apps.test', 'issued')).toMatchObject({ notAfter: expect.any(String) });
  });

  it('is obtained for loaded hosts whose requests are redirected or forwarded, and changes nothing for them', async () => {
    const hosts = ['redirected.warm.apps.test', 'forwarded.warm.apps.test'];
    const plain = [http80('redirects', [hosts[0]!], { httpsRedirect: true }), http80('forwards', [hosts[1]!])];
    await publish('warm', ...plain);
    const before = await Promise.all(hosts.map((host) => ask(host, '/.well-known/acme-challenge/own')));
    expect(before).toEqual([301, 200]);
    await publish('warm', ...plain, secure('https', hosts));
    await Promise.all(hosts.map(served));
    // The application still answers challenges of its own.
    expect(await Promise.all(hosts.map((host) => ask(host, '/.well-known/acme-challenge/own')))).toEqual(before);
    expect(await Promise.all(hosts.map((host) => ask(host)))).toEqual(before);
  });

  it('waits for a proof, says why it fails, and holds up no other host', async () => {
    await pebble.dns('add-a', { host: 'broken.mixed.apps.test', addresses: ['127.0.0.99'] });
    const hosts = ['unproven.example.net', 'broken.mixed.apps.test', 'good.mixed.apps.test'];
    await publish('mixed', secure('https', hosts));
    await served('good.mixed.apps.test');
    const failed = await state('mixed', 'broken.mixed.apps.test', 'failed');
    expect(failed.reason).toMatch(/could not check broken.mixed.apps.test: .*127\.0\.0\.99/);
    const waiting = await state('mixed', 'unproven.example.net', 'waiting');
    expect(waiting.reason).toMatch(/the tenant has not proven unproven.example.net/);
    expect(pebble.output).not.toContain('unproven.example.net');
    await expect(visit('broken.mixed.apps.test')).rejects.toThrow();
  });

  it('is obtained for a wildcard, with a record that the webhook adds and removes', async () => {
    await publish('wild', secure('https', ['*.wild.apps.test']), { acme: { challenge: 'DNS-01' } });
    await served('any.wild.apps.test');
    const name = '_acme-challenge.wild.apps.test';
    expect(webhook.calls).toEqual([
      { action: 'add', type: 'TXT', name, value: expect.stringMatching(/^[\w-]{43}$/) },
      { action: 'remove', type: 'TXT', name, value: webhook.calls[0]!.value },
    ]);
  });

  it('is renewed with a new key, and handshakes never fail meanwhile', async () => {
    await publish('renewed', secure('https', ['a.renewed.apps.test']));
    await served('a.renewed.apps.test');
    const before = await fingerprints(stack.httpsPort, 'a.renewed.apps.test');
    inStore("UPDATE automatic_name SET renew_at = 1, due_at = 1 WHERE tenant = 'renewed'");
    await until('another certificate', async () => {
      const now = await fingerprints(stack.httpsPort, 'a.renewed.apps.test');
      return now.certificate !== before.certificate && now.key !== before.key;
    });
  });

  it('is obtained although the API and the agent are killed on the way', async () => {
    const hosts = Array.from({ length: 6 }, (_, index) => `h${index}.killed.apps.test`);
    await publish('killed', secure('https', hosts));
    for (let kill = 0; kill < 2; kill++) {
      await stack.api.stop('SIGKILL');
      // The run that was killed has the lease for a minute.
      inStore('UPDATE job SET until = 0');
      await stack.startApi();
    }
    await stack.agent.stop('SIGKILL');
    await stack.startAgent();
    await Promise.all(hosts.map(served));
    expect(stack.api.output + stack.agent.output).not.toContain('PRIVATE KEY');
  });
});

/** The certificate that a server shows, and its public key. */
const fingerprints = (port: number, servername: string) =>
  new Promise<{ certificate: string; key: string }>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      const { fingerprint256, pubkey } = socket.getPeerCertificate();
      socket.destroy();
      resolve({ certificate: fingerprint256, key: String(pubkey?.toString('base64')) });
    });
    socket.on('error', reject);
  });

/** An operator's webhook: it changes the name server that Pebble asks. */
class DnsWebhook {
  readonly calls: { action: string; name: string; value: string }[] = [];
  readonly #server: ReturnType<typeof createServer>;

  private constructor(pebble: Pebble) {
    this.#server = createServer(async (request, response) => {
      const call = JSON.parse(Buffer.concat(await request.toArray()).toString());
      this.calls.push(call);
      const host = `${call.name}.`;
      if (call.action === 'add') await pebble.dns('set-txt', { host, value: call.value });
      else await pebble.dns('clear-txt', { host });
      response.writeHead(request.headers['webhook-signature'] ? 204 : 401).end();
    });
  }

  static async start(pebble: Pebble): Promise<DnsWebhook> {
    const webhook = new DnsWebhook(pebble);
    await new Promise<void>((resolve) => webhook.#server.listen(0, '127.0.0.1', resolve));
    return webhook;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
