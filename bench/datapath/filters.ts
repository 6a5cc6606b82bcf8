import * as compile from '../../dataplane/compile/index.ts';
import type { Listener } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import {
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes,
  HttpConnectionManager,
} from '../../dataplane/envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { encodeListener } from '../../dataplane/serve/types/listener.ts';
import { encodeScope } from '../../dataplane/serve/types/scope.ts';
import { EnvoyProcess } from '../envoy-process.ts';
import { freePort } from '../ports.ts';
import type { Processes } from '../processes.ts';
import { answering, Source } from '../source.ts';
import { quantiles, round } from '../statistics.ts';
import { firstAnswer } from '../visitor.ts';
import { FLEET, hostName, PORTS, tenantName, VERSION_PATH } from '../workload.ts';
import type { DatapathOptions } from './index.ts';
import { load, type Target } from './load.ts';

/** The cost of a filter for a request that does not use it; medians. */
export interface FilterCost {
  /** Difference in Envoy's CPU time per request, with and without the filter, in microseconds. */
  cost_us: number;
  cpu_us_without: number;
  per_s_without: number;
}

const TENANT = tenantName(0);
const HOST = hostName(TENANT);
const LOADING = 'envoy.filters.http.on_demand';

type Manager = HttpConnectionManager;

const keep = (manager: Manager, of: (name: string) => boolean): Manager => ({
  ...manager,
  httpFilters: manager.httpFilters.filter(({ name }) => of(name)),
});

/** The chain as it is, and without one part each. */
const VARIANTS: Record<string, (manager: Manager) => Manager> = {
  nothing: (manager) => manager,
  composite: (manager) => keep(manager, (name) => name !== 'composite'),
  fallback: (manager) => {
    const first = manager.httpFilters.findIndex(({ name }) => name === LOADING);
    const rest = manager.httpFilters.slice(first + 1).filter(({ name }) => ![LOADING, 'fallback'].includes(name));
    return { ...manager, httpFilters: [manager.httpFilters[first]!, ...rest] };
  },
  'every filter but the router': (manager) => keep(manager, (name) => name === 'envoy.filters.http.router'),
  // The load brings the header itself.
  'scope header': (manager) => ({ ...manager, earlyHeaderMutationExtensions: [] }),
  'path normalisation': (manager) => ({
    ...manager,
    normalizePath: false,
    mergeSlashes: false,
    pathWithEscapedSlashesAction: EscapedSlashes.KEEP_UNCHANGED,
  }),
};

/** One Envoy with one listener per variant, measured in turn. The route answers directly, so that only the chain is measured. */
export async function filterCosts(
  { binary, seconds, rounds }: DatapathOptions,
  processes: Processes,
): Promise<Record<string, FilterCost>> {
  const names = Object.keys(VARIANTS);
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await freePort());
  const offer = {
    listeners: names.map((name) => encodeListener(variant(name, ports.get(name)!))),
    scopes: [encodeScope(compile.scope(String(PORTS.http), HOST))],
    routes: answering(HOST, 'v0'),
  };
  const source = await Source.open('filters', offer, processes);
  const envoy = new EnvoyProcess(processes, { binary, name: 'filters-envoy', cluster: FLEET, xds: source.path });
  try {
    envoy.start();
    await firstAnswer(TENANT, 'v0', { port: ports.get('nothing')! });
    const headers = [`${compile.SCOPE_HEADER}: ${PORTS.http}|${HOST}`];
    const target = { host: HOST, path: VERSION_PATH, headers, pid: envoy.pid, folder: processes.folder };
    return await inTurn(ports, target, { seconds, rounds });
  } finally {
    await envoy.stop();
    await source.close();
  }
}

function variant(name: string, bind: number): Listener {
  const ports = [{ number: PORTS.http, bind, protocol: 'HTTP' as const }];
  const [compiled] = compile.listeners({ ports, address: '127.0.0.1' }, {});
  const listener = compile.listenerMessage(compiled!);
  const config = listener.filterChains[0]!.filters[0]!.configType;
  if (config?.$case !== 'typedConfig') throw new Error('a connection manager without a configuration');
  const packed = config.value;
  packed.value = HttpConnectionManager.encode(VARIANTS[name]!(HttpConnectionManager.decode(packed.value))).finish();
  return { ...listener, name };
}

async function inTurn(
  ports: Map<string, number>,
  target: Omit<Target, 'port'>,
  { seconds, rounds }: Pick<DatapathOptions, 'seconds' | 'rounds'>,
): Promise<Record<string, FilterCost>> {
  const samples = new Map([...ports.keys()].map((name) => [name, { cpu: [] as number[], perSecond: [] as number[] }]));
  for (const port of ports.values()) await load('http/1.1', { ...target, port }, 1);
  for (let turn = 0; turn < rounds; turn++)
    for (const [name, port] of ports) {
      const { cpu_us, per_s } = await load('http/1.1', { ...target, port }, seconds);
      samples.get(name)!.cpu.push(cpu_us);
      samples.get(name)!.perSecond.push(per_s);
    }
  const full = quantiles(samples.get('nothing')!.cpu).p50;
  const cost = ([name, { cpu, perSecond }]: [string, { cpu: number[]; perSecond: number[] }]): [string, FilterCost] => {
    const without = quantiles(cpu).p50;
    return [name, { cost_us: round(full - without), cpu_us_without: without, per_s_without: quantiles(perSecond).p50 }];
  };
  return Object.fromEntries([...samples].map(cost));
}
