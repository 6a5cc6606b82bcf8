import { AgentProcess } from '../agent-process.ts';
import { ApiProcess } from '../api-process.ts';
import { type Issuer, issuer } from '../certificates.ts';
import { EnvoyProcess } from '../envoy-process.ts';
import { freePort } from '../ports.ts';
import type { Processes } from '../processes.ts';
import { createFleet } from '../seed.ts';
import { round } from '../statistics.ts';
import { firstAnswer } from '../visitor.ts';
import { FLEET, hostName, revisionOf, tenantName } from '../workload.ts';
import { cluster, listener, startBare } from './bare.ts';
import { type FilterCost, filterCosts } from './filters.ts';
import { load, PROTOCOLS, type Protocol, type Sample, type Target } from './load.ts';

export interface DatapathOptions {
  binary: string;
  /** Duration of each load, in seconds. */
  seconds: number;
  /** The number of loads per side. The sides alternate. */
  rounds: number;
}

export interface DatapathResult {
  protocols: Record<Protocol, Compared>;
  filters: Record<string, FilterCost>;
}

interface Compared {
  /** Medians of the rounds. */
  gatehouse: Sample;
  bare: Sample;
  /** The requests per second through Gatehouse, divided by those through the bare Envoy. */
  ratio: number;
}

const TENANT = tenantName(0);
const HOST = hostName(TENANT);
const PATH = '/service-0/';

type PublicPorts = Record<'http' | 'https', Target>;

/**
 * Measures requests through an Envoy with Gatehouse's configuration, and through a bare Envoy with one static route to
 * the same upstream. Then measures the cost of each filter.
 */
export async function datapath(options: DatapathOptions, processes: Processes): Promise<DatapathResult> {
  const { binary } = options;
  const upstream = await freePort();
  const answer = { direct_response: { status: 200, body: { inline_string: 'hello' } } };
  startBare({ binary, name: 'upstream', listeners: [listener(upstream, answer)] }, processes);
  const certificates = await issuer();
  const ours = await openOurs(binary, upstream, certificates, processes);
  const bare = await openBare(binary, upstream, certificates, processes);
  const protocols = {} as Record<Protocol, Compared>;
  for (const protocol of PROTOCOLS) {
    console.error(`${protocol} …`);
    protocols[protocol] = await compare(protocol, ours, bare, options);
  }
  console.error('filters …');
  return { protocols, filters: await filterCosts(options, processes) };
}

async function compare(
  protocol: Protocol,
  ours: PublicPorts,
  bare: PublicPorts,
  { seconds, rounds }: DatapathOptions,
): Promise<Compared> {
  const publicPort = protocol.endsWith('tls') ? 'https' : 'http';
  const samples = { gatehouse: [] as Sample[], bare: [] as Sample[] };
  for (const target of [ours[publicPort], bare[publicPort]]) await load(protocol, target, 1);
  for (let turn = 0; turn < rounds; turn++) {
    samples.bare.push(await load(protocol, bare[publicPort], seconds));
    samples.gatehouse.push(await load(protocol, ours[publicPort], seconds));
  }
  const [gatehouse, plain] = [median(samples.gatehouse), median(samples.bare)];
  return { gatehouse, bare: plain, ratio: round(gatehouse.per_s / plain.per_s, 3) };
}

/** The round with the median of requests per second. */
const median = (samples: Sample[]): Sample =>
  samples.toSorted((a, b) => a.per_s - b.per_s)[Math.floor(samples.length / 2)]!;

/** A tenant with a gateway on both ports, created through the API and served by the agent. */
async function openOurs(
  binary: string,
  upstream: number,
  { ca, issue }: Issuer,
  processes: Processes,
): Promise<PublicPorts> {
  const binds = { http: await freePort(), https: await freePort() };
  const api = await ApiProcess.start(processes);
  const control = await api.connect();
  const token = await createFleet(control, binds);
  const agent = await AgentProcess.start(processes, { api: api.port, token });
  const envoy = new EnvoyProcess(processes, { binary, name: 'envoy', cluster: FLEET, xds: agent.xds });
  envoy.start();
  await control.request('POST', '/v1/tenants', { name: TENANT });
  await control.request('POST', `/v1/tenants/${TENANT}/revisions`, bothPorts(upstream, issue));
  control.close();
  await firstAnswer(TENANT, 'v0', { port: binds.http });
  await firstAnswer(TENANT, 'v0', { port: binds.https, ca });
  return publicPorts(binds, envoy.pid, processes);
}

function bothPorts(port: number, issue: Issuer['issue']) {
  const plain = revisionOf(TENANT, 'v0', undefined);
  const secure = revisionOf(TENANT, 'v0', issue(TENANT));
  const servers = [plain, secure].flatMap(
    ({ puts }) => (puts.find(({ kind }) => kind === 'gateway')!.spec as { servers: object[] }).servers,
  );
  const puts = secure.puts.map((put) => {
    if (put.kind === 'gateway') return { ...put, spec: { ...put.spec, servers } };
    return put.kind === 'upstream' ? { ...put, spec: { ...put.spec, port } } : put;
  });
  return { puts };
}

async function openBare(
  binary: string,
  upstream: number,
  { ca, issue }: Issuer,
  processes: Processes,
): Promise<PublicPorts> {
  const binds = { http: await freePort(), https: await freePort() };
  const action = { route: { cluster: 'upstream' } };
  const listeners = [listener(binds.http, action), listener(binds.https, action, issue(TENANT))];
  const child = startBare({ binary, name: 'bare', listeners, clusters: [cluster('upstream', upstream)] }, processes);
  for (const publicPort of [{ port: binds.http }, { port: binds.https, ca }])
    await firstAnswer(TENANT, 'hello', publicPort);
  return publicPorts(binds, child.pid!, processes);
}

function publicPorts(
  { http, https }: { http: number; https: number },
  pid: number,
  { folder }: Processes,
): PublicPorts {
  const at = { host: HOST, path: PATH, pid, folder };
  return { http: { ...at, port: http }, https: { ...at, port: https } };
}
