/** The example of docs/tasks/cors.md on a real Envoy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Rule } from '../../model/route/rule.ts';
import { ask } from '../envoy/ask.ts';
import { startEcho } from '../envoy/compiled-edge.ts';
import { type Served, serving } from '../envoy/edge.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/tasks/cors.md'), 'utf8');
const [, rules = '', requests = ''] = /^```yaml\n([\s\S]*?)^```\n\n^```text\n([\s\S]*?)^```/m.exec(page)!;
let served: Served;
let echo: Awaited<ReturnType<typeof startEcho>>;

beforeAll(async () => {
  echo = await startEcho();
  const hosts = ['api.example'];
  const servers = [{ port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts }];
  served = await serving({
    gateways: { web: { selector: { ingress: 'public' }, servers } },
    routes: { api: { hosts, gateways: ['web'], http: (parse(rules) as unknown[]).map((rule) => Rule.parse(rule)) } },
    upstreams: { app: { port: echo.port, endpoints: [{ address: '127.0.0.1' }] } },
  });
});
afterAll(async () => {
  await served?.edge.close();
  echo?.server.close();
});

test.each(requests.trim().split('\n'))('%s', async (line) => {
  const [, method, path, asked, origin = '', expected] = /^(\S+) (\S+) (\S+) (\S+) → (.+)$/.exec(line)!;
  const headers = { host: 'api.example', origin, ...(asked !== '-' && { 'access-control-request-method': asked! }) };
  const answer = await ask({ port: served.ports.http, method: method!, path: path!, headers });
  expect(`${answer.status} ${answer.headers['access-control-allow-origin'] ?? 'none'}`).toBe(expected);
});
