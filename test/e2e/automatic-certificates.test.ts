/** Certificates that a real authority issues: Pebble asks a real Envoy. */
import { hash, randomBytes, type X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect as connectTcp } from 'node:net';
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
        GATEHOUSE_ACME_DIRECTORY: pebble.proxy.directory,
        GATEHOUSE_ACME_EAB: pebble.binding,
        GATEHOUSE_ACME_INTERVAL: '200',
        // All hosts are on the domain of the platform, of whose orders one tenant gets a tenth.
        GATEHOUSE_ACME_DOMAIN_ORDERS: '200',
        GATEHOUSE_ACME_DNS_WEBHOOK: webhook.url,
        GATEHOUSE_ACME_DNS_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
        GATEHOUSE_PLATFORM_DOMAIN: 'apps.test',
        NODE_EXTRA_CA_CERTS: pebble.caFile,
      },
    });
    root = await pebble.root();
    const tenants = [
      'cold',
      'warm',
      'shaken',
      'flooded',
      'mixed',
      'limited',
      'wild',
      'renewed',
      'killed',
      'platform',
      'renter',
      'documented',
    ];
    for (const tenant of tenants) await stack.createTenant(tenant);
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
    return new Map<string, { state: string; reason?: string; nextAttemptAt?: string }>(
      body.items.map((each: { name: string }) => [each.name, each]),
    );
  };
  const inStore = (sql: string) => {
    const store = new Database(join(stack.folder, 'api.sqlite'));
    store.exec(sql);
    store.close();
  };
  const admin = async (path: string) => (await stack.envoy!.admin(path)).body;
  const rows = <T>(sql: string): T[] => {
    const store = new Database(join(stack.folder, 'api.sqlite'), { readonly: true });
    const found = store.prepare(sql).all() as T[];
    store.close();
    return found;
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

  it('is obtained over TLS, for a host that no Envoy has loaded, and changes nothing for other hosts', async () => {
    const host = 'a.shaken.apps.test';
    const challenge = (name: string, port = stack.httpsPort) => shake(port, name, ['acme-tls/1']);
    const other = connect({ host: '127.0.0.1', port: stack.httpsPort, servername: 'a.cold.apps.test', ca: root });
    await once(other, 'secureConnect');
    const updates = () => admin('/stats?filter=listener_manager.listener_(modified|in_place_updated|added)');
    const before = await updates();
    const held = pebble.proxy.hold();
    await publish('shaken', secure('https', [host]), { acme: { challenge: 'TLS-ALPN-01' } });
    await held.arrived;
    const shown = await challenge(host.toUpperCase());
    expect(shown.protocol).toBe('acme-tls/1');
    expect(shown.certificate.subjectAltName).toBe(`DNS:${host}`);
    const { answer } = rows<{ answer: string }>(`SELECT answer FROM automatic_name WHERE name = '${host}'`)[0]!;
    const expected = hash('sha256', answer, 'buffer');
    // The extension of RFC 8737: its OID, critical, with the digest as an OCTET STRING.
    const extension = Buffer.concat([Buffer.from('06082b0601050507011f0101ff042204' + '20', 'hex'), expected]);
    expect(shown.certificate.raw.includes(extension)).toBe(true);
    for (const name of ['a.cold.apps.test', 'b.shaken.apps.test']) await expect(challenge(name)).rejects.toThrow();
    await expect(shake(stack.httpsPort, host)).rejects.toThrow();
    held.release();
    await served(host);
    expect(await ask(host)).toBe(404);
    await expect(challenge(host)).rejects.toThrow();
    expect(await updates()).toEqual(before);
    other.write('GET / HTTP/1.1\r\nHost: a.cold.apps.test\r\n\r\n');
    expect(String((await once(other, 'data'))[0])).toContain('HTTP/1.1 200');
    other.destroy();
  });

  it('is obtained while anyone requests challenges of others, which costs the agent next to nothing', async () => {
    const host = 'a.flooded.apps.test';
    const held = pebble.proxy.hold();
    await publish('flooded', secure('https', [host]));
    await held.arrived;
    const [row] = rows<{ token: string; answer: string }>(`SELECT * FROM automatic_name WHERE name = '${host}'`);
    const { token, answer } = row!;
    const questions = async () => Number(/\d+$/m.exec(await admin('/stats?filter=^cluster.xds.upstream_rq_total$')));
    const [before, start] = [await questions(), Date.now()];
    const floods = Array.from({ length: 4 }, () => pipelined(stack.httpPort, 500));
    const path = `/.well-known/acme-challenge/${token}`;
    for (let asked = 0; asked < 20; asked++)
      expect(await http({ port: stack.httpPort, host, path })).toMatchObject({ status: 200, body: answer });
    await Promise.all(floods);
    // Two workers ask at most 20 times per 100 ms each, until the agent has answered once.
    const most = (1 + Math.ceil((Date.now() - start) / 100)) * 2 * 20;
    expect((await questions()) - before).toBeLessThan(most);
    held.release();
    await served(host);
    await until('the challenge is over', async () => (await ask(host, path)) === 404);
  });

  it('waits when the authority accepts no more orders, says until when, and holds up no other host', async () => {
    const [limited, other] = ['limited.limited.apps.test', 'other.limited.apps.test'] as const;
    pebble.proxy.limit(limited, 3600);
    await publish('limited', secure('https', [limited, other]));
    await served(other);
    const found = await state('limited', limited, 'waiting');
    expect(found.reason).toBe('queued: the authority accepts the order later: rateLimited: too many orders');
    expect(Math.abs(Date.parse(found.nextAttemptAt!) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect(pebble.proxy.orders.map(({ name }) => name)).not.toContain(limited);
    inStore(`UPDATE automatic_name SET due_at = 1 WHERE name = '${limited}'`);
    await served(limited);
  });

  it('is obtained for hosts that other tenants attach to a shared gateway and have proven', async () => {
    const server = { ...secure('https', ['*.renter.apps.test', '*.example.org']), allowedRoutes: { tenants: 'all' } };
    await stack.publish('platform', 'configuration', {
      certificates: { auto: { acme: {} } },
      gateways: { public: { selector: { ingress: 'public' }, servers: [server] } },
    });
    const attach = (tenant: string, host: string) =>
      stack.publish(tenant, 'routes/attached', {
        hosts: [host],
        gateways: ['platform/public'],
        http: [{ directResponse: { status: 200, body: tenant } }],
      });
    await attach('renter', 'shop.renter.apps.test');
    await attach('cold', 'theirs.example.org');
    await until('https', async () => (await visit('shop.renter.apps.test')).body === 'renter');
    // The order counts for the tenant that attaches the host, not for the owner of the gateway.
    expect(rows("SELECT count(*) AS n FROM acme_order WHERE tenant = 'renter'")[0]).toMatchObject({ n: 1 });
    const unproven = await state('platform', 'theirs.example.org', 'waiting');
    expect(unproven.reason).toMatch(/the tenant cold has not proven theirs.example.org/);
    expect(pebble.output).not.toContain('theirs.example.org');
    await stack.publish('renter', 'configuration', {});
    await until('the name is dropped', async () => !(await statusOf('platform')).has('shop.renter.apps.test'));
  });

  it('is not obtained for endless server names, which leave nothing behind', async () => {
    await served('a.cold.apps.test');
    const count = () => ({
      orders: pebble.proxy.orders.length,
      rows: rows('SELECT count(*) AS n FROM automatic_name')[0],
      feed: rows('SELECT max(seq) AS n FROM feed')[0],
    });
    const left = async () => {
      const dump = (await stack.agentAnswers('/dump?node=envoy-1'))!;
      return [dump, await admin('/config_dump?resource=dynamic_active_secrets')].filter((text) =>
        text.includes('endless'),
      );
    };
    const before = count();
    const names = Array.from(
      { length: 100 },
      (_, index) => `${'a.b.c.'.repeat(1 + (index % 20))}x${index}.endless.cold.apps.test`,
    );
    for (const name of names) {
      await expect(shake(stack.httpsPort, name)).rejects.toThrow();
      await expect(shake(stack.httpsPort, name, ['acme-tls/1'])).rejects.toThrow();
    }
    expect(count()).toEqual(before);
    await until('nothing of the names is left', async () => (await left()).length === 0);
  });

  it('is obtained as the documentation shows', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/tasks/automatic-certificates.md'), 'utf8');
    const examples = [...page.matchAll(/^```json\n([\s\S]+?)^```/gm)].map(([, json = '']) => JSON.parse(json));
    expect(examples.map((each) => Object.keys(each))).toEqual([
      ['certificates', 'gateways'],
      ['certificates', 'gateways'],
    ]);
    const columns = 'tenant, name, reversed, token, held, created_at, proven_at, failures, cleared';
    inStore(
      `INSERT INTO domain (${columns}) VALUES ('documented', 'example.com', 'com.example', 't', 'example.com', 1, 1, 0, 1)`,
    );
    for (const example of examples) {
      await stack.publish('documented', 'configuration', example);
      const [name] = Object.keys(example.certificates);
      const hosts: string[] = example.gateways.web.servers.flatMap((each: { hosts: string[] }) => each.hosts);
      await until('every host has its certificate', async () => {
        const { body } = await stack.call(`/tenants/documented/certificates/${name}/status`);
        return body.items.filter((each: { state: string }) => each.state === 'issued').length === hosts.length;
      });
      for (const host of hosts) {
        const name = host.replace('*', 'any');
        await until(`the certificate of ${name}`, async () =>
          (await shake(stack.httpsPort, name)).certificate.checkHost(name),
        );
      }
    }
  });

  it('is obtained for a wildcard, with a record that the webhook adds and removes', async () => {
    await publish('wild', secure('https', ['*.wild.apps.test']), { acme: { challenge: 'DNS-01' } });
    await served('any.wild.apps.test');
    const name = '_acme-challenge.wild.apps.test';
    expect(webhook.calls.filter((each) => each.name === name)).toEqual([
      { action: 'add', type: 'TXT', name, value: expect.stringMatching(/^[\w-]{43}$/) },
      { action: 'remove', type: 'TXT', name, value: expect.stringMatching(/^[\w-]{43}$/) },
    ]);
  });

  it('is renewed with a new key, and handshakes never fail meanwhile', async () => {
    const host = 'a.renewed.apps.test';
    await publish('renewed', secure('https', [host]));
    await served(host);
    const before = await shake(stack.httpsPort, host);
    // The authority wants it to be renewed at once, as for a certificate that it must revoke (RFC 9773 §4.2).
    await pebble.suggest(before.certificate, { start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z' });
    inStore("UPDATE automatic_name SET due_at = 1 WHERE tenant = 'renewed'");
    await until('another certificate', async () => {
      const now = await shake(stack.httpsPort, host);
      return now.certificate.serialNumber !== before.certificate.serialNumber && now.key !== before.key;
    });
    expect(pebble.output).toContain('is a replacement of');
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

/** Sends requests for challenges of other hosts, without waiting for the answers. @returns once all are answered */
const pipelined = (port: number, count: number) =>
  new Promise<void>((resolve, reject) => {
    const request = (index: number) =>
      `GET /.well-known/acme-challenge/x HTTP/1.1\r\nHost: h${index}.nobody.test\r\n${index === count - 1 ? 'Connection: close\r\n' : ''}\r\n`;
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.resume();
    socket.write(Array.from({ length: count }, (_, index) => request(index)).join(''));
  });

/** What a server shows in a handshake. @param protocols those that the client offers */
const shake = (port: number, servername: string, protocols?: string[]) =>
  new Promise<{ certificate: X509Certificate; key: string; protocol: string | false | null }>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername, rejectUnauthorized: false };
    const socket = connect({ ...options, ...(protocols && { ALPNProtocols: protocols }) }, () => {
      const certificate = socket.getPeerX509Certificate()!;
      const protocol = socket.alpnProtocol;
      socket.destroy();
      resolve({ certificate, protocol, key: String(certificate.publicKey.export({ type: 'spki', format: 'pem' })) });
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed')));
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
