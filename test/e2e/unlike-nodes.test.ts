/** Two Envoys of one fleet, on one agent. One of them rejects a resource that the other accepts. */
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPE_HEADER } from '../../dataplane/compile/index.ts';
import type { RunningEnvoy } from '../envoy/run.ts';
import { Backend } from './backend.ts';
import { saying, simple, upstream } from './configuration.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

/** Beyond the limit of the strict Envoy, and far below that of the other and of the API. */
const PATTERN = '(abc|def){40}';

let stack: Stack;
let backend: Backend;
let strict: RunningEnvoy | undefined;

beforeAll(async () => {
  [stack, backend] = await Promise.all([Stack.start(), Backend.start('app')]);
  strict = await stack.runEnvoy('strict', join(stack.folder, 'strict'), undefined, 100);
});
afterAll(async () => {
  await strict?.stop();
  await Promise.all([stack?.stop(), backend?.stop()]);
});

/** Returns the response of one node, through its probe listener, because both nodes listen on the same ports. */
function through(node: 'envoy-1' | 'strict', host: string): Promise<string> {
  const socketPath = join(node === 'strict' ? join(stack.folder, 'strict') : stack.folder, 'probe.sock');
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/', headers: { host, [SCOPE_HEADER]: `80|${host}` } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body));
    });
    asked.on('error', reject).end();
  });
}
const served = async (host: string) => ({
  'envoy-1': await through('envoy-1', host),
  strict: await through('strict', host),
});
const matching = (host: string, body: string) => ({
  hosts: [host],
  gateways: ['web'],
  http: [
    { match: [{ uri: { regex: PATTERN } }], directResponse: { status: 200, body: 'matched' } },
    { directResponse: { status: 200, body } },
  ],
});
const write = (tenant: string, path: string, body: unknown) =>
  stack.call(`/tenants/${tenant}/${path}`, { method: 'PUT', body, headers: { prefer: 'wait=60' } });
const status = async (tenant: string, revision: string | null) =>
  (await stack.call(`/tenants/${tenant}/revisions/${revision}/status`)).body;

describe('a revision that one of two nodes rejects', () => {
  let host: string;
  async function start(tenant: string): Promise<void> {
    host = `${tenant}.test`;
    await stack.createTenant(tenant);
    await stack.publish(tenant, 'configuration', { ...simple(host, backend), routes: { app: saying(host, 'good') } });
    expect(await served(host)).toEqual({ 'envoy-1': 'good', strict: 'good' });
  }

  it('is served by the other node, and both nodes serve the correction', async () => {
    await start('one');
    for (let round = 0; round < 5; round++) {
      const before = await through('strict', host);
      const reply = await write('one', 'routes/app', matching(host, `new ${round}`));
      expect([reply.status, reply.headers.get('gatehouse-status')]).toEqual([202, 'rejected']);
      const revision = reply.headers.get('gatehouse-revision');
      const found = await status('one', revision);
      expect(found.state).toBe('rejected');
      const nodes = found.fleets[0].nodes as { node: string; rejections: object[] }[];
      expect(Object.fromEntries(nodes.map(({ node, rejections }) => [node, rejections.length]))).toEqual({
        'envoy-1': 0,
        strict: 1,
      });
      expect(nodes.find(({ node }) => node === 'strict')!.rejections).toMatchObject([
        { resource: 'routes/app', path: '/http/0/match/0/uri/regex' },
      ]);
      await until('the other to serve it', async () => (await through('envoy-1', host)) === `new ${round}`);
      expect(await through('strict', host)).toBe(before);

      const mended = await stack.publish('one', 'routes/app', saying(host, `mended ${round}`));
      expect(mended.headers.get('gatehouse-status')).toBe('live');
      expect(await served(host)).toEqual({ 'envoy-1': `mended ${round}`, strict: `mended ${round}` });
      await until('nothing to stand', async () => {
        const { stillRejected } = await status('one', mended.headers.get('gatehouse-revision'));
        return stillRejected.length === 0;
      });
    }
  });

  it('stays on the node that accepted it while other changes of its tenant become live', async () => {
    await start('two');
    const reply = await write('two', 'routes/app', matching(host, 'new'));
    expect(reply.headers.get('gatehouse-status')).toBe('rejected');
    await until('the other to serve it', async () => (await through('envoy-1', host)) === 'new');
    for (const timeout of ['1s', '2s', '3s']) {
      const other = await write('two', 'upstreams/more', { ...upstream(backend), connectTimeout: timeout });
      expect(other.headers.get('gatehouse-status')).toBe('live');
      const { stillRejected } = await status('two', other.headers.get('gatehouse-revision'));
      expect(stillRejected.map(({ node }: { node: string }) => node)).toEqual(['strict']);
      expect(await served(host)).toEqual({ 'envoy-1': 'new', strict: 'good' });
    }
    await stack.publish('two', 'routes/app', saying(host, 'mended'));
    expect(await served(host)).toEqual({ 'envoy-1': 'mended', strict: 'mended' });
  });
});
