/**
 * A browser over HTTP/3. Chromium follows `alt-svc` only to certificates of public CAs, so the test makes it begin with
 * HTTP/3.
 */
import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Feed } from '../../dataplane/feed.ts';
import { until } from '../../e2e/process.ts';
import { freePort } from '../../e2e/stack.ts';
import type { RunningEnvoy } from '../run.ts';
import { runBeside } from '../run-beside.ts';
import { TestAuthority } from '../tls/clients.ts';

const CHROMIUM = '/usr/bin/chromium';
const HOST = 'shop.acme.test';

/** A page that shows over which protocol it came. */
const PAGE = `<!doctype html><title>protocol</title><script>
document.title = performance.getEntriesByType('navigation')[0].nextHopProtocol;
</script>`;

describe.skipIf(!existsSync(CHROMIUM))('Chromium', () => {
  let feed: Feed;
  let envoy: RunningEnvoy;
  let upstream: Server;
  let port: number;
  let spki: string;
  const folder = mkdtempSync(join(tmpdir(), 'chromium-'));

  beforeAll(async () => {
    port = await freePort();
    upstream = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE));
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const ports = [{ number: 443, bind: port, protocol: 'HTTPS' as const }];
    feed = await Feed.start({ name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports });
    const authority = await TestAuthority.create();
    const certificate = await authority.issue([{ type: 'dns', value: HOST }]);
    const key = new X509Certificate(certificate.certificateChain).publicKey.export({ type: 'spki', format: 'der' });
    spki = createHash('sha256').update(key).digest('base64');
    envoy = await runBeside(feed.folder, 'edge');
    const server = {
      port: { number: 443, name: 'https', protocol: 'HTTPS' as const },
      hosts: [HOST],
      http3: true,
      tls: { mode: 'SIMPLE' as const, credentialName: 'web' },
    };
    const { port: own } = upstream.address() as AddressInfo;
    const document = {
      gateways: { web: { selector: { ingress: 'public' }, servers: [server] } },
      routes: { app: { hosts: [HOST], gateways: ['web'], http: [{ route: [{ destination: { upstream: 'app' } }] }] } },
      upstreams: { app: { port: 80, endpoints: [{ address: '127.0.0.1', port: own }] } },
      certificates: { web: { certificateChain: certificate.certificateChain } },
    };
    const seq = feed.tell('acme', document, { web: certificate.privateKey });
    await until('the host to be live', () => (feed.nodes[0]?.live ?? 0) >= seq);
  });
  afterAll(async () => {
    await envoy?.stop();
    await feed?.stop();
    upstream?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('loads a page over HTTP/3', async () => {
    expect(await dump(port, spki, folder)).toBe('h3');
  });
});

/** Opens the page and returns its title. */
async function dump(port: number, spki: string, folder: string): Promise<string> {
  const options = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${folder}`,
    `--host-resolver-rules=MAP ${HOST}:443 127.0.0.1:${port}`,
    `--ignore-certificate-errors-spki-list=${spki}`,
    `--origin-to-force-quic-on=${HOST}:443`,
    '--virtual-time-budget=5000',
    '--dump-dom',
  ];
  const { stdout } = await promisify(execFile)(CHROMIUM, [...options, `https://${HOST}/`], { timeout: 60_000 });
  return /<title>(.*)<\/title>/.exec(stdout)?.[1] ?? '';
}
