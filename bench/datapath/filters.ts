import * as compile from '../../dataplane/compile/index.ts';
import type { Listener } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import {
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes,
  HttpConnectionManager,
} from '../../dataplane/envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { Any } from '../../dataplane/envoy/gen/google/protobuf/any.ts';
import { encodeListener } from '../../dataplane/serve/types/listener.ts';
import { encodeScope } from '../../dataplane/serve/types/scope.ts';
import { EnvoyProcess } from '../envoy-process.ts';
import { freePort } from '../ports.ts';
import type { Processes } from '../processes.ts';
import { answering, Source } from '../source.ts';
import { quantiles } from '../statistics.ts';
import { firstAnswer } from '../visitor.ts';
import { FLEET, hostName, PORTS, tenantName, VERSION_PATH } from '../workload.ts';
import type { DatapathOptions } from './index.ts';
import { load, type Target } from './load.ts';

/** The cost of a filter for a request that does not use it; medians of the rounds. */
export interface FilterCost {
  /** Difference in Envoy's CPU time per request, with and without the filter, in microseconds. */
  cost_us: number;
  cpu_us_without: number;
  per_s_without: number;
}

const TENANT = tenantName(0);
const HOST = hostName(TENANT);
const LOADING = 'loading';
const ROUTER = 'envoy.filters.http.router';
const NOTHING = 'nothing';

type Manager = HttpConnectionManager;

const keep = (manager: Manager, of: (name: string) => boolean): Manager => ({
  ...manager,
  httpFilters: manager.httpFilters.filter(({ name }) => of(name)),
});

/** Parts of the manager that are measured beside its filters: the manager without the part. */
const WITHOUT: Record<string, (manager: Manager) => Manager> = {
  'later steps of loading': (manager) => {
    const first = manager.httpFilters.find(({ name }) => name === LOADING)!;
    return { ...manager, httpFilters: manager.httpFilters.filter((each) => each === first || each.name !== LOADING) };
  },
  'every filter but the router': (manager) => keep(manager, (name) => name === ROUTER),
  // The load brings the header with the scope itself.
  'early headers': (manager) => ({ ...manager, earlyHeaderMutationExtensions: [] }),
  'path normalisation': (manager) => ({
    ...manager,
    normalizePath: false,
    mergeSlashes: false,
    pathWithEscapedSlashesAction: EscapedSlashes.KEEP_UNCHANGED,
  }),
};

/** Returns the manager as it is, and without one part each. The first filter that loads the host stays. */
function variantsOf(manager: Manager): Map<string, Manager> {
  const names = new Set(manager.httpFilters.map(({ name }) => name)).difference(new Set([LOADING, ROUTER]));
  return new Map([
    [NOTHING, manager],
    ...[...names].map((name) => [name, keep(manager, (each) => each !== name)] as const),
    ...Object.entries(WITHOUT).map(([name, without]) => [name, without(manager)] as const),
  ]);
}

/** One Envoy with one listener per variant, measured in turn. The route answers directly, so that only the chain is measured. */
export async function filterCosts(
  { binary, seconds, rounds }: DatapathOptions,
  processes: Processes,
): Promise<Record<string, FilterCost>> {
  const ports = new Map<string, number>();
  const listeners = [];
  for (const [name, manager] of variantsOf(compiledManager())) {
    const bind = await freePort();
    ports.set(name, bind);
    listeners.push(encodeListener(listenerWith(manager, name, bind)));
  }
  const offer = {
    listeners,
    scopes: [encodeScope(compile.scope(String(PORTS.http), HOST))],
    routes: answering(HOST, 'v0'),
  };
  const source = await Source.open('filters', offer, processes);
  const envoy = new EnvoyProcess(processes, { binary, name: 'filters-envoy', cluster: FLEET, xds: source.path });
  try {
    envoy.start();
    await firstAnswer(TENANT, 'v0', { port: ports.get(NOTHING)! });
    const headers = [`${compile.SCOPE_HEADER}: ${PORTS.http}|${HOST}`];
    const target = { host: HOST, path: VERSION_PATH, headers, pid: envoy.pid, folder: processes.folder };
    return await inTurn(ports, target, { seconds, rounds });
  } finally {
    await envoy.stop();
    await source.close();
  }
}

function compiledListener(bind: number): Listener {
  const ports = [{ number: PORTS.http, bind, protocol: 'HTTP' as const }];
  return compile.listenerMessage(compile.listeners({ ports, address: '127.0.0.1' }, {})[0]!);
}

/** Returns the packed message of the connection manager. */
function managerIn({ filterChains }: Listener): Any {
  const config = filterChains[0]!.filters[0]!.configType;
  if (config?.$case !== 'typedConfig') throw new Error('a connection manager without a configuration');
  return config.value;
}

const compiledManager = (): Manager => HttpConnectionManager.decode(managerIn(compiledListener(PORTS.http)).value);

function listenerWith(manager: Manager, name: string, bind: number): Listener {
  const listener = compiledListener(bind);
  managerIn(listener).value = HttpConnectionManager.encode(manager).finish();
  return { ...listener, name };
}

async function inTurn(
  ports: Map<string, number>,
  target: Omit<Target, 'port'>,
  { seconds, rounds }: Pick<DatapathOptions, 'seconds' | 'rounds'>,
): Promise<Record<string, FilterCost>> {
  const names = [...ports.keys()];
  const samples = new Map(names.map((name) => [name, { cpu: [] as number[], perSecond: [] as number[] }]));
  for (const port of ports.values()) await load('http/1.1', { ...target, port }, 1);
  for (let turn = 0; turn < rounds; turn++)
    // Each round begins with another variant, so that none always follows the same one.
    for (const name of [...names.slice(turn % names.length), ...names.slice(0, turn % names.length)]) {
      const { cpu_us, per_s } = await load('http/1.1', { ...target, port: ports.get(name)! }, seconds);
      samples.get(name)!.cpu.push(cpu_us);
      samples.get(name)!.perSecond.push(per_s);
    }
  const full = samples.get(NOTHING)!.cpu;
  return Object.fromEntries(
    [...samples].map(([name, { cpu, perSecond }]): [string, FilterCost] => [
      name,
      {
        // The speed of the machine changes between rounds, so only values of one round are compared.
        cost_us: quantiles(full.map((value, turn) => value - cpu[turn]!)).p50,
        cpu_us_without: quantiles(cpu).p50,
        per_s_without: quantiles(perSecond).p50,
      },
    ]),
  );
}
