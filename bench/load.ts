/**
 * The load on the API. It is a separate process, so that it does not delay the API's event loop or the bench's clock.
 * It reads its parameters from the environment, and writes one line of JSON.
 */
import { Control } from './control.ts';
import { type Quantiles, quantiles, round } from './statistics.ts';
import { routeSpec, tenantName } from './workload.ts';

export interface Load {
  /** The ports of the API processes on one database. The connections are spread over them. */
  ports: readonly number[];
  token: string;
  kind: 'read' | 'publish';
  /** The number of connections. Each sends requests for a tenant of its own. */
  writers: number;
  seconds: number;
  /** A text that makes bodies differ from those of an earlier load. */
  round: number;
}

export interface LoadResult {
  per_s: number;
  ms: Quantiles;
}

/** The time at the start that is not measured, because caches, connections and the JIT compiler warm up. */
const WARM_UP_MS = 1000;

async function run(load: Load): Promise<LoadResult> {
  const samples: number[] = [];
  const start = performance.now() + WARM_UP_MS;
  const end = start + load.seconds * 1000;
  const write = async (index: number) => {
    const tenant = tenantName(index);
    const control = await Control.open(load.ports[index % load.ports.length]!, load.token);
    const requestOf = requests(control, load, tenant);
    for (let turn = 0; ; turn++) {
      const request = requestOf(turn);
      const sent = performance.now();
      if (sent >= end) break;
      await control.send(request);
      const done = performance.now();
      if (done >= start && done < end) samples.push(done - sent);
    }
    control.close();
  };
  await Promise.all(Array.from({ length: load.writers }, (_, index) => write(index)));
  return { per_s: round(samples.length / load.seconds, 0), ms: quantiles(samples) };
}

const TURN = '00000000';

/** The body is built once and patched per request, because building it would use CPU that the API needs. */
function requests(control: Control, { kind, round: run }: Load, tenant: string): (turn: number) => Buffer {
  const path = `/v1/tenants/${tenant}/routes/main`;
  const made =
    kind === 'read' ? control.encode('GET', path) : control.encode('PUT', path, routeSpec(tenant, `v${run}-${TURN}`));
  const at = made.indexOf(`-${TURN}`) + 1;
  return (turn) => {
    if (at > 0) made.write(String(turn).padStart(TURN.length, '0'), at, 'latin1');
    return made;
  };
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.env.BENCH_LOAD!) as Load))}\n`);
