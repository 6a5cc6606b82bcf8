import type { ApiProcess } from './api-process.ts';
import { type Quantiles, quantiles } from './statistics.ts';
import { LABELS, PORTS } from './workload.ts';

export interface HugeResult {
  routes: number;
  put_ms: Quantiles;
}

const TENANT = 'huge';
const A_REVISION = 5000;
const CHANGES = 50;

/** Changes one route at a time of a tenant with very many routes. */
export async function huge(api: ApiProcess, routes: number): Promise<HugeResult> {
  const control = await api.connect();
  const revisions = `/v1/tenants/${TENANT}/revisions`;
  await control.request('POST', '/v1/tenants', { name: TENANT });
  await control.request('POST', revisions, { puts: surroundings });
  for (let first = 0; first < routes; first += A_REVISION) {
    const count = Math.min(A_REVISION, routes - first);
    const puts = Array.from({ length: count }, (_, index) => ({
      kind: 'route',
      name: `r${first + index}`,
      spec: spec(first + index, 'v0'),
    }));
    await control.request('POST', revisions, { puts });
  }
  const samples: number[] = [];
  for (let change = 1; change <= CHANGES; change++) {
    const index = Math.floor((routes * change) / (CHANGES + 1));
    const request = control.encode('PUT', `/v1/tenants/${TENANT}/routes/r${index}`, spec(index, `v${change}`));
    const sent = performance.now();
    await control.send(request);
    samples.push(performance.now() - sent);
  }
  control.close();
  return { routes, put_ms: quantiles(samples) };
}

const server = { port: { number: PORTS.http, name: 'http', protocol: 'HTTP' }, hosts: ['*.huge.example'] };
const surroundings = [
  { kind: 'upstream', name: 'app', spec: { port: 8080, endpoints: [{ address: '127.0.0.1' }] } },
  { kind: 'gateway', name: 'main', spec: { selector: LABELS, servers: [server] } },
];

const spec = (index: number, version: string) => ({
  hosts: [`h${index}.huge.example`],
  gateways: ['main'],
  http: [
    { match: [{ uri: { exact: '/ver' } }], directResponse: { status: 200, body: version } },
    { route: [{ destination: { upstream: 'app' } }] },
  ],
});
