/** A cluster that gets its CA by SDS, on a real Envoy. A kind of secret that only tests have replaces upstream TLS. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Feed } from '../dataplane/feed.ts';
import { Authority } from '../e2e/authority.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

vi.mock('../../dataplane/compile/secrets/kinds.ts', async () => ({
  secretKinds: (await import('../compile/secrets/sample.ts')).kinds,
}));
vi.mock('../../dataplane/compile/cluster.ts', async (original) => {
  const real = await original<typeof import('../../dataplane/compile/cluster.ts')>();
  const { verified } = await import('../compile/secrets/sample.ts');
  return { ...real, cluster: verified(real.cluster) };
});

let feed: Feed;
let envoy: RunningEnvoy;
let port: number;
let upstream: Server;
let [own, foreign]: Authority[] = [];

beforeAll(async () => {
  port = await freePort();
  [own, foreign] = [await Authority.create(), await Authority.create()];
  const { certificateChain: cert, privateKey: key } = await own.issue('app.test');
  upstream = createServer({ cert, key }, (_request, response) => response.end('in'));
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const ports = [{ number: 80, bind: port, protocol: 'HTTP' as const }];
  feed = await Feed.start({ name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports });
  envoy = await runBeside(feed.folder, 'edge');
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  upstream?.close();
});

/** The tenant's one host, whose upstream is trusted by this CA; without one, the CA is missing. */
const tell = (tenant: string, ca?: string): number => {
  const host = `${tenant}.test`;
  const server = { port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts: [host] };
  const document = {
    gateways: { web: { selector: { ingress: 'public' }, servers: [server] } },
    routes: { app: { hosts: [host], gateways: ['web'], http: [{ route: [{ destination: { upstream: 'app' } }] }] } },
    upstreams: { app: { port: (upstream.address() as AddressInfo).port, endpoints: [{ address: '127.0.0.1' }] } },
    ...(ca !== undefined && { certificates: { app: { certificateChain: ca } } }),
  };
  return feed.tell(tenant, document, { app: 'none' });
};
const live = (seq: number) => until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
const get = (host: string) => ask({ port, headers: { host } });
const rejections = () => feed.nodes[0]!.rejections.filter(({ over }) => !over);

it('the first request finds the cluster with its CA', async () => {
  await live(tell('good', own!.pem));
  expect(await get('good.test')).toMatchObject({ status: 200, body: 'in' });
});

it('an upstream of another CA is refused', async () => {
  await live(tell('wrong', foreign!.pem));
  expect((await get('wrong.test')).status).toBe(503);
});

it('a new CA reaches the cluster, and nothing else changes', async () => {
  tell('wrong', own!.pem);
  await until('the new CA', async () => (await get('wrong.test')).status === 200);
  tell('good', foreign!.pem);
  // A connection that is open stays open, with the CA under which it was opened.
  const { body } = await envoy.admin('/config_dump?resource=dynamic_active_secrets');
  expect(body).toContain('ca/good/app');
});

it('a CA that Envoy rejects is reported, and the host is answered', async () => {
  await live(tell('broken', 'no PEM'));
  expect((await get('broken.test')).status).toBe(503);
  await until('the rejection', () => rejections().length > 0);
  expect(rejections()).toMatchObject([{ tenant: 'broken' }]);
  await live(tell('broken', own!.pem));
  await until('the CA to be used', async () => (await get('broken.test')).status === 200);
  await until('nothing to be rejected', () => rejections().length === 0);
});

it('a CA that is missing holds no request back, and is used once it arrives', async () => {
  await live(tell('missing'));
  expect((await get('missing.test')).status).toBe(503);
  await live(tell('missing', own!.pem));
  await until('the CA to be used', async () => (await get('missing.test')).status === 200);
});
