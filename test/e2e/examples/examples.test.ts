/** Every file of `examples/`: its configuration is published, and its requests go through Envoy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canSpeakHttp3, Http3Client } from '../../envoy/http3/client.ts';
import { freePort, Stack } from '../stack.ts';
import { Endpoints } from './endpoints.ts';
import { FOLDER, files } from './example.ts';
import { runExample } from './run.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** Its requests need a sidecar: test/e2e/mesh.test.ts sends them. */
const MESH = 'mesh.yaml';
const PORTS = {
  80: 'HTTP',
  81: 'HTTP',
  443: 'HTTPS',
  8080: 'HTTP',
  5432: 'POSTGRES',
  53: 'UDP',
  15443: 'TLS',
} as const;

const binds = new Map<number, number>();
let endpoints: Endpoints;
let stack: Stack;
let http3: Http3Client | undefined;

beforeAll(async () => {
  [endpoints, stack] = await Promise.all([Endpoints.start(), Stack.start()]);
  if (canSpeakHttp3()) http3 = new Http3Client();
  binds.set(80, stack.httpPort).set(443, stack.httpsPort);
  for (const port of Object.keys(PORTS).map(Number)) if (!binds.has(port)) binds.set(port, await freePort());
  const ports = Object.entries(PORTS).map(([number, protocol]) => ({
    ...{ number: Number(number), bind: binds.get(Number(number)), protocol },
    ...(number === '81' && { proxyProtocol: { trustedPeers: ['127.0.0.1/32'] } }),
  }));
  const offered = await stack.call(`/fleets/${stack.fleet}`, { method: 'PATCH', body: { ports } });
  if (offered.status !== 200) throw new Error(`fleet: ${offered.status} ${JSON.stringify(offered.body)}`);
});
afterAll(async () => {
  http3?.close();
  await stack?.stop();
  endpoints?.stop();
});

/** The pages of the documentation that show a part of an example. */
const pages = ['blue-green', 'canary', 'mirror', 'redirect', 'websocket'];

test.each(pages)('docs/tasks/%s.md shows parts of examples', (page) => {
  const text = readFileSync(join(ROOT, `docs/tasks/${page}.md`), 'utf8');
  const shown = [...text.matchAll(/\((?:\.\.\/)+examples\/([a-z-]+\.yaml)\)[\s\S]*?```yaml\n([\s\S]*?)```/g)];
  expect(shown).toHaveLength(text.match(/```yaml/g)!.length);
  const flat = (yaml: string) => yaml.replace(/^ +/gm, '').trim();
  for (const [, file, part] of shown) expect(flat(readFileSync(join(FOLDER, file!), 'utf8'))).toContain(flat(part!));
});

test('the README lists every example', () => {
  const listed = [...readFileSync(join(FOLDER, 'README.md'), 'utf8').matchAll(/^\| \[(.+?)\]/gm)].map(
    ([, name]) => name,
  );
  expect([...listed].sort()).toEqual([...files].sort());
});

test.each(files.filter((file) => file !== MESH))('%s', async (file) => {
  const tenant = file.replace('.yaml', '');
  await stack.createTenant(tenant);
  await runExample(file, tenant, { stack, endpoints, binds, http3 });
});
