import { ApiProcess } from './api-process.ts';
import type { StoreKind } from './database.ts';
import { freePort } from './ports.ts';
import type { Processes } from './processes.ts';
import { createFleet } from './seed.ts';
import { LABELS, PORTS } from './workload.ts';

export interface StallsResult {
  store: StoreKind;
  request: string;
  status: number;
  bytes: number;
  answered_bytes: number;
  ms: number;
  /** The longest wait of another request during the large one, and without it. */
  stall_ms: number;
  idle_ms: number;
}

const BYTES = 4_000_000;
const TENANT = 'large';
const AT = `/v1/tenants/${TENANT}`;

/** Measures how one request of the largest size delays others: each waits as long as the event loop is blocked. */
export async function stalls({ store }: { store: StoreKind }, processes: Processes): Promise<StallsResult[]> {
  const api = await ApiProcess.start(processes, { store });
  const control = await api.connect();
  await createFleet(control, { http: await freePort(), https: await freePort() });
  await control.request('POST', '/v1/tenants', { name: TENANT });
  const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${api.port}`;
  const results: StallsResult[] = [];
  await longestWhile(url, pause(1000));
  for (const [request, method, path, body] of requests()) {
    const idle = await longestWhile(url, pause(1000));
    const began = performance.now();
    const answered = fetch(url + AT + path, { method, headers, ...(body !== undefined && { body }) }).then(
      async (response) => ({ status: response.status, length: (await response.arrayBuffer()).byteLength }),
    );
    const stall = await longestWhile(url, answered);
    const { status, length } = await answered;
    const ms = Math.round(performance.now() - began);
    const bytes = body?.length ?? 0;
    results.push({ store, request, status, bytes, answered_bytes: length, ms, stall_ms: stall, idle_ms: idle });
  }
  control.close();
  return results;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One small request after the other until `work` is done. */
async function longestWhile(url: string, work: Promise<unknown>): Promise<number> {
  let isDone = false;
  const done = work.finally(() => (isDone = true));
  let longest = 0;
  while (!isDone) {
    const sent = performance.now();
    await (await fetch(`${url}/healthz`)).arrayBuffer();
    longest = Math.max(longest, performance.now() - sent);
    await pause(1);
  }
  await done;
  return Math.round(longest * 10) / 10;
}

type Request = [name: string, method: string, path: string, body?: string];

function* requests(): Generator<Request> {
  const unknown = members((i) => `"k${i}":1`);
  yield ['unknown fields', 'PUT', '/configuration', `{"upstreams":{"web":{${unknown}}}}`];
  yield ['empty rules', 'PUT', '/configuration', `{"routes":{"web":{"http":[${members(() => '{}')}]}}}`];
  yield ['labels', 'PUT', '/configuration', `{"routes":{"web":{"labels":{${members((i) => `"k${i}":"v"`)}}}}}`];
  yield ['one text', 'PUT', '/configuration', `{"routes":{"web":"${'a'.repeat(BYTES - 30)}"}}`];
  yield [
    'unknown fields of many',
    'PUT',
    '/configuration',
    `{"upstreams":{${members((i) => `"u${i}":{"a":1,"b":2,"c":[{},{}]}`, 24_000)}}}`,
  ];
  yield ['dangling references', 'PUT', '/configuration', configuration('v0', 'absent')];
  yield ['many routes', 'PUT', '/configuration', configuration('v1')];
  yield ['the same again', 'PUT', '/configuration', configuration('v1')];
  yield ['a dry run that changes all', 'PUT', '/configuration?dryRun=true', configuration('v2')];
  yield ['a change of all', 'PUT', '/configuration', configuration('v2')];
  yield ['10,000 puts', 'POST', '/revisions', puts('v3')];
  yield ['read all', 'GET', '/configuration'];
  yield ['read all of a revision', 'GET', '/revisions/1/configuration'];
  yield ['read a page', 'GET', '/routes?limit=500'];
  yield ['restore', 'POST', '/revisions', '{"restore":1}'];
  yield ['delete all', 'PUT', '/configuration', '{}'];
}

/** As many as fit into the body. */
function members(member: (index: number) => string, most = Number.POSITIVE_INFINITY): string {
  const parts: string[] = [];
  for (let length = 0; length < BYTES - 100 && parts.length < most; length += parts.at(-1)!.length + 1)
    parts.push(member(parts.length));
  return parts.join(',');
}

const ROUTES = 10_000;
const route = (index: number, version: string, upstream = 'app') => ({
  labels: { team: 'checkout', 'example.com/tier': 'gold' },
  hosts: [`h${index}.large.example`],
  gateways: ['main'],
  http: [
    { match: [{ uri: { exact: '/ver' } }], directResponse: { status: 200, body: version } },
    {
      match: [{ uri: { pathPrefix: '/' }, headers: { 'x-user': { exact: 'jason' } } }],
      route: [{ destination: { upstream } }],
      timeout: '5s',
    },
  ],
});
const server = { port: { number: PORTS.http, name: 'http', protocol: 'HTTP' }, hosts: ['*.large.example'] };
const surroundings = {
  gateways: { main: { selector: LABELS, servers: [server] } },
  upstreams: { app: { port: 8080, endpoints: [{ address: '127.0.0.1' }] } },
};
const configuration = (version: string, upstream?: string) => {
  const routes = Object.fromEntries(Array.from({ length: ROUTES }, (_, i) => [`r${i}`, route(i, version, upstream)]));
  return JSON.stringify({ ...surroundings, routes });
};
const puts = (version: string) =>
  JSON.stringify({
    puts: Array.from({ length: ROUTES }, (_, i) => ({ kind: 'route', name: `r${i}`, spec: route(i, version) })),
  });
