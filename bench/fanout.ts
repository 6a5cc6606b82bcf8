import type { Child } from '../cli/process/child.ts';
import { AgentProcess } from './agent-process.ts';
import { ApiProcess } from './api-process.ts';
import { freePort } from './ports.ts';
import { type Processes, until } from './processes.ts';
import { createFleet, createTenant } from './seed.ts';
import { type Quantiles, quantiles, round } from './statistics.ts';
import type { Received, Streams } from './streams.ts';
import { cpuMs, residentMb } from './usage.ts';
import { hostName, PORTS, routeSpec, tenantName } from './workload.ts';

export interface FanoutOptions {
  streams: number;
  rounds: number;
}

export interface FanoutResult {
  streams: number;
  /** From sending the PUT until the last stream has received the changed resource. */
  last_receipt_ms: Quantiles;
  bytes_per_stream: { sent_per_change: number; agent_memory: number };
  cpu_ms_per_change: { api: number; agent: number };
}

/** So many clients would themselves be the bottleneck in one process. */
const CLIENT_PROCESSES = 2;
const WARM_UP = 3;
const TENANT = tenantName(0);

/** One change, received by many Envoys of one agent. */
export async function fanout({ streams, rounds }: FanoutOptions, processes: Processes): Promise<FanoutResult> {
  const api = await ApiProcess.start(processes);
  const control = await api.connect();
  const token = await createFleet(control, { http: await freePort(), https: await freePort() });
  const agent = await AgentProcess.start(processes, { api: api.port, token });
  await createTenant(control, TENANT, undefined);
  const before = residentMb(agent.pid);
  const clients = connect(processes, agent.xds, streams);
  await Promise.all(clients.map((child) => receipt(child, 0)));
  const memory = ((residentMb(agent.pid) - before) * 1e6) / streams;

  const samples: number[] = [];
  let bytes = 0;
  let cpu = { api: 0, agent: 0 };
  for (let change = 1; change <= WARM_UP + rounds; change++) {
    if (change === WARM_UP + 1) cpu = { api: api.cpuMs(), agent: cpuMs(agent.pid) };
    const request = control.encode('PUT', `/v1/tenants/${TENANT}/routes/main`, routeSpec(TENANT, `v${change}`));
    const sent = process.hrtime.bigint();
    const [all] = await Promise.all([
      Promise.all(clients.map((child) => receipt(child, change))),
      control.send(request),
    ]);
    if (change > WARM_UP) samples.push(Math.max(...all.map(({ at }) => Number(BigInt(at) - sent) / 1e6)));
    bytes = all[0]!.bytes;
  }
  control.close();
  return {
    streams,
    last_receipt_ms: quantiles(samples),
    bytes_per_stream: { sent_per_change: bytes, agent_memory: round(memory, 0) },
    cpu_ms_per_change: {
      api: round((api.cpuMs() - cpu.api) / rounds),
      agent: round((cpuMs(agent.pid) - cpu.agent) / rounds),
    },
  };
}

function connect(processes: Processes, xds: string, streams: number): Child[] {
  const shares = Math.min(CLIENT_PROCESSES, streams);
  return Array.from({ length: shares }, (_, index) => {
    const first = Math.floor((streams * index) / shares);
    const count = Math.floor((streams * (index + 1)) / shares) - first;
    const task: Streams = { xds, first, count, routes: `${PORTS.http}|${hostName(TENANT)}` };
    return processes.startNode(`streams-${index}`, 'bench/streams.ts', { BENCH_STREAMS: JSON.stringify(task) });
  });
}

/** The output of a client process once all of its streams have received the routes so many times. */
function receipt(child: Child, wanted: number): Promise<Received> {
  const find = () =>
    child.lastLines
      .filter((line) => line.startsWith('{"round"'))
      .map((line) => JSON.parse(line) as Received)
      .find((line) => line.round === wanted);
  return until(`Every stream has received change ${wanted}`, find, { child });
}
