import * as compile from '../dataplane/compile/index.ts';
import { encodeListener } from '../dataplane/serve/types/listener.ts';
import { encodeScope } from '../dataplane/serve/types/scope.ts';
import { EnvoyProcess } from './envoy-process.ts';
import { freePort } from './ports.ts';
import { type Processes, until } from './processes.ts';
import { answering, Source } from './source.ts';
import { Visitor } from './visitor.ts';
import { FLEET, hostName, PORTS, tenantName } from './workload.ts';

const HOST = hostName(tenantName(0));

/**
 * What Envoy itself needs: one tiny RouteConfiguration pushed by the xDS server alone, with no API, database or agent, to a
 * second Envoy in the same layout → the first request that sees it. Milliseconds, one per change.
 */
export async function floor(binary: string, changes: number, processes: Processes): Promise<number[]> {
  const bind = await freePort();
  const ports = [{ number: PORTS.http, bind, protocol: 'HTTP' as const }];
  const offer = {
    listeners: compile
      .listeners({ ports, address: '127.0.0.1' }, {})
      .map((listener) => encodeListener(compile.listenerMessage(listener))),
    scopes: [encodeScope(compile.scope(String(PORTS.http), HOST))],
    routes: answering(HOST, 'v0'),
  };
  const source = await Source.open('floor', offer, processes);
  const envoy = new EnvoyProcess(processes, { binary, name: 'floor-envoy', cluster: FLEET, xds: source.path });
  try {
    envoy.start();
    const child = envoy.child;
    const visitor = await until('The floor is laid', () => Visitor.to(HOST, { port: bind }), { child });
    await visitor.sees('v0');
    const samples: number[] = [];
    for (let change = 1; change <= changes; change++) {
      processes.signal.throwIfAborted();
      const version = `v${change}`;
      const sent = performance.now();
      source.push(answering(HOST, version));
      samples.push((await visitor.sees(version)) - sent);
    }
    visitor.close();
    return samples;
  } finally {
    await envoy.stop();
    await source.close();
  }
}
