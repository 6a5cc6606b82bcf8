/** The examples of docs/tasks/http-rules.md, on a real Envoy: each section has a host of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Rule } from '../../model/route/rule.ts';
import { ask } from '../envoy/ask.ts';
import { startEcho } from '../envoy/compiled-edge.ts';
import { type Served, serving } from '../envoy/edge.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/tasks/http-rules.md'), 'utf8');
/** A list of rules, and below it the requests with what they get. */
const EXAMPLE = /^## (.+)\n(?:(?!^## )[\s\S])*?^```yaml\n([\s\S]*?)^```\n\n^```text\n([\s\S]*?)^```/gm;
const examples = [...page.matchAll(EXAMPLE)].map(([, title = '', rules = '', requests = ''], index) => ({
  title,
  name: `example${index}`,
  http: (parse(rules) as unknown[]).map((rule) => Rule.parse(rule)),
  requests: requests.trim().split('\n'),
}));

let served: Served;
let echo: Awaited<ReturnType<typeof startEcho>>;

beforeAll(async () => {
  echo = await startEcho();
  const hosts = examples.map(({ name }) => `${name}.test`);
  served = await serving({
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts }],
      },
    },
    routes: Object.fromEntries(
      examples.map(({ name, http }) => [name, { hosts: [`${name}.test`], gateways: ['web'], http }]),
    ),
    upstreams: { app: { port: echo.port, endpoints: [{ address: '127.0.0.1' }] } },
  });
});
afterAll(async () => {
  await served?.edge.close();
  echo?.server.close();
});

test('every section with rules is an example', () => {
  expect(examples.length).toBe(page.match(/^```yaml$/gm)?.length);
  expect(examples.length).toBeGreaterThan(0);
});

test.each(examples)('$title', async ({ name, requests }) => {
  for (const line of requests) {
    const own = line.replaceAll('shop.example', `${name}.test`);
    const [, authority, path, status, what = ''] = /^http:\/\/([^/]+)(\/\S*) → (\d+) ?(\S*)$/.exec(own)!;
    const answer = await ask({ port: served.ports.http, path: path!, headers: { host: authority! } });
    const seen = answer.headers.location ?? answer.seen?.url ?? answer.headers['content-type'] ?? '';
    expect(`${answer.status} ${seen}`, line).toBe(`${status} ${what}`);
  }
});
