import type { Store } from '../../../api/store/store.ts';
import { http } from '../../e2e/edge.ts';
import type { Workload } from '../../history/workload.ts';
import type { Write, Writer } from '../../history/writes.ts';
import type { World } from './world.ts';

/** The response of a route right after its revision was reported live. */
export interface Sight {
  tenant: string;
  revision: number;
  body: string;
}

const said = (host: string, body: string) => ({
  hosts: [host],
  gateways: ['edge'],
  http: [{ directResponse: { status: 200, body } }],
});

/** Writes a route, waits until it is reported live, and requests it through Envoy at once. */
export async function watch(world: World, workload: Workload, writer: Writer, sights: Sight[], done: AbortSignal) {
  const host = `said.${writer.host}`;
  for (let i = 0; !done.aborted; i++) {
    const body = `${writer.tenant} said ${i}`;
    const answer = await workload.send(writer, {
      ...put(writer, 'routes/said', said(host, body)),
      headers: { prefer: 'wait=5' },
    });
    if (answer?.headers.get('gatehouse-status') !== 'live') continue;
    const revision = Number(answer.headers.get('gatehouse-revision'));
    // A starting Envoy serves nothing.
    for (let seen: string | undefined; seen === undefined && !done.aborted; ) {
      seen = await http({ port: world.stack.httpPort, host }).then(
        ({ status, body }) => (status === 200 ? body : undefined),
        () => undefined,
      );
      if (seen !== undefined) sights.push({ tenant: writer.tenant, revision, body: seen });
      else await pause(50);
    }
    await pause(200);
  }
}

/**
 * Alternately writes routes that Envoy rejects and routes that it accepts, on a loaded host. Rejected routes must never
 * be reported live. A host that Envoy has not loaded since its start counts as live when the agent has its routes, so
 * the result counts only if Envoy was up since the visit.
 */
export async function provoke(
  { stack, envoy, last }: World,
  workload: Workload,
  writer: Writer,
  faults: string[],
  done: AbortSignal,
): Promise<void> {
  const host = `refused.${writer.host}`;
  const route = (pattern: string) => ({
    hosts: [host],
    gateways: ['edge'],
    http: [{ match: [{ uri: { regex: pattern } }], directResponse: { status: 200, body: 'taken' } }],
  });
  const write = (pattern: string) =>
    workload.send(writer, { ...put(writer, 'routes/refused', route(pattern)), headers: { prefer: 'wait=5' } });
  for (let i = 0; !done.aborted; i++) {
    await write(`/|/${i}`);
    const { since } = envoy;
    const seen = await http({ port: stack.httpPort, host }).catch(() => undefined);
    const asked = Date.now();
    const answer = await write(`/${i}(a|b|c){200}`);
    const wasUp = seen?.status === 200 && envoy.isUp && envoy.since === since;
    const [revision, status] = ['gatehouse-revision', 'gatehouse-status'].map((name) => answer?.headers.get(name));
    if (wasUp && status === 'live')
      faults.push(
        `${writer.tenant}@${revision}: reported live after ${Date.now() - asked} ms, but Envoy rejects it; ${last.name} was killed ` +
          `${asked - last.at} ms before the request, and back ${asked - last.back} ms before it`,
      );
    await pause(500);
  }
}

/** Checks that each response is the one of the reported revision or of a later revision. */
export async function judge(store: Store, sights: readonly Sight[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { tenant, revision, body } of sights) {
    const head = (await store.tenants.find(tenant))!.revision;
    let found = false;
    for (let number = revision; !found && number <= head; number++) {
      const { spec } = (await store.configuration.resource(tenant, 'route', 'said', number)) ?? {};
      found = spec?.includes(JSON.stringify(body)) ?? false;
    }
    if (!found) faults.push(`${tenant}@${revision}: reported live, but Envoy said '${body}'`);
  }
  return faults;
}

const put = ({ tenant }: Writer, name: string, spec: Record<string, unknown>): Write => ({
  what: `put ${name}`,
  method: 'PUT',
  path: `/v1/tenants/${tenant}/${name}`,
  body: spec,
  right: [200, 201, 202],
  puts: { [name]: spec },
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
