/**
 * Connections over QUIC when the heap of a real Envoy is nearly full. Envoy's limit on connections does not count them,
 * so the heap is what bounds them.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Feed } from '../../dataplane/feed.ts';
import { https } from '../../e2e/edge.ts';
import { until } from '../../e2e/process.ts';
import { freePort } from '../../e2e/stack.ts';
import type { RunningEnvoy } from '../run.ts';
import { runBeside } from '../run-beside.ts';
import { TestAuthority } from '../tls/clients.ts';
import { canSpeakHttp3, Http3Client } from './client.ts';

const HOST = 'shop.acme.test';
const MONITOR = {
  name: 'envoy.resource_monitors.injected_resource',
  type: 'type.googleapis.com/envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig',
};

/** Replaces the heap by a file that the test writes. */
function withInjectedHeap(config: Record<string, unknown>, filename: string): Record<string, unknown> {
  const text = JSON.stringify(config).replaceAll('envoy.resource_monitors.fixed_heap', MONITOR.name);
  const injected = { name: MONITOR.name, typed_config: { '@type': MONITOR.type, filename } };
  return JSON.parse(text, (_, value) => (value?.typed_config && value.name === MONITOR.name ? injected : value));
}

describe.skipIf(!canSpeakHttp3())('connections over QUIC', () => {
  let feed: Feed;
  let envoy: RunningEnvoy;
  let client: Http3Client;
  let port: number;
  let authority: TestAuthority;
  let certificate: Awaited<ReturnType<TestAuthority['issue']>>;

  beforeAll(async () => {
    port = await freePort();
    authority = await TestAuthority.create('Web');
    certificate = await authority.issue([{ type: 'dns', value: HOST }]);
    const ports = [{ number: 443, bind: port, protocol: 'HTTPS' as const }];
    const fleet = { name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports };
    feed = await Feed.start(fleet, {}, { probeTimeout: 60_000 });
    heapUse(0);
    const adapt = (config: Record<string, unknown>) => withInjectedHeap(config, join(feed.folder, 'heap'));
    envoy = await runBeside(feed.folder, 'edge', { adapt });
    client = new Http3Client();
    await publish('first');
  });
  afterAll(async () => {
    client?.close();
    await envoy?.stop();
    await feed?.stop();
  });

  /** Sets the share of the heap that is in use, as Envoy reads it. */
  function heapUse(share: number): void {
    writeFileSync(join(feed.folder, 'next'), String(share));
    renameSync(join(feed.folder, 'next'), join(feed.folder, 'heap'));
  }

  async function publish(body: string): Promise<void> {
    const server = {
      port: { number: 443, name: 'https', protocol: 'HTTPS' as const },
      hosts: [HOST],
      http3: true,
      tls: { mode: 'SIMPLE' as const, credentialName: 'web' },
    };
    const document = {
      gateways: { web: { selector: { ingress: 'public' }, servers: [server] } },
      routes: { app: { hosts: [HOST], gateways: ['web'], http: [{ directResponse: { status: 200, body } }] } },
      certificates: { web: { certificateChain: certificate.certificateChain } },
    };
    const seq = feed.tell('acme', document, { web: certificate.privateKey });
    // Less than the time after which the agent no longer waits for its probes.
    await until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq, 30_000);
  }

  const ask = async (connection: string, patience?: number) => {
    const answer = await client.get({ port, host: HOST, connection, ...(patience !== undefined && { patience }) });
    return answer === 'refused' ? answer : answer.status;
  };
  const overTcp = async () => (await https({ port, host: HOST, ca: authority.pem })).status;
  let count = 0;
  const onNew = (patience?: number) => ask(`new ${count++}`, patience);

  it('are served while there is room', async () => {
    expect(await ask('old')).toBe(200);
    expect(await onNew()).toBe(200);
  });

  it('get 503 when the heap is nearly full, as those over TCP do', async () => {
    heapUse(0.96);
    await until('503', async () => (await ask('old')) === 503);
    expect([await onNew(), await overTcp()]).toEqual([503, 503]);
  });

  it('are not accepted when the heap is full; changes still become live, and the admin interface answers', async () => {
    heapUse(0.99);
    await until('a refusal', async () => (await onNew(1)) === 'refused');
    expect(await ask('old')).toBe(503);
    expect((await envoy.admin('/ready')).status).toBe(200);
    await publish('second');
  });

  it('are accepted again afterwards', async () => {
    heapUse(0);
    await until('an answer', async () => (await onNew(1)) === 200);
    expect([await ask('old'), await overTcp()]).toEqual([200, 200]);
  });
});
