import { configuration } from '../../demo/bookinfo/configuration.ts';
import { portsFrom } from '../../demo/bookinfo/ports.ts';
import type { Schemas } from '../../openapi/client.ts';
import { until } from '../process/waiting.ts';
import { accepted, type Remote } from '../remote/client.ts';
import { canonical } from './fleet.ts';
import type { Installation } from './installation.ts';
import { PLATFORM_GATEWAY } from './platform.ts';
import { HOST, TENANT } from './tenant.ts';

const SECONDS = 30;
const path = { tenant: TENANT };

/**
 * Writes the demo's configuration to the API: a route of the platform's gateway, and its upstreams. A later start writes
 * only the addresses of this machine, so it keeps the changes that people made. It writes the route again only if no
 * route of the tenant has the demo's host. When nothing differs, it writes nothing.
 *
 * @returns the revision that must be live
 */
export async function applyDemo(tenant: Remote, { options }: Installation): Promise<number> {
  const wanted = configuration({ ports: portsFrom(options.demoPort), host: HOST, gateway: PLATFORM_GATEWAY });
  const answer = await tenant.GET('/v1/tenants/{tenant}/configuration', { params: { path } });
  const held = accepted('Reading the configuration', answer) as Held;
  const puts = changes(wanted, held);
  if (puts.length > 0) {
    const body = { message: 'gatehouse up: the demo on this machine', puts };
    accepted('Applying the demo', await tenant.POST('/v1/tenants/{tenant}/revisions', { params: { path }, body }));
  }
  return accepted('Reading the tenant', await tenant.GET('/v1/tenants/{tenant}', { params: { path } })).revision;
}

interface Held {
  routes?: Record<string, { hosts: string[] }>;
  upstreams?: Record<string, { endpoints?: unknown }>;
}

function changes({ routes, upstreams }: ReturnType<typeof configuration>, held: Held): Schemas['RevisionPut'][] {
  const isServed = Object.values(held.routes ?? {}).some(({ hosts }) => hosts.includes(HOST));
  const moved = Object.entries(upstreams).filter(([name, { endpoints }]) => {
    const have = held.upstreams?.[name];
    return have ? canonical(have.endpoints) !== canonical(endpoints) : !isServed;
  });
  return [
    ...moved.map(([name, spec]) => ({ kind: 'upstream' as const, name, spec })),
    ...(isServed ? [] : [{ kind: 'route' as const, name: 'bookinfo', spec: routes.bookinfo }]),
  ];
}

/** Waits until a probe through every Envoy saw the revision. */
export async function waitLive(tenant: Remote, revision: number, { signal }: Installation): Promise<void> {
  await until(
    'The demo did not become live',
    async () => {
      const answer = await tenant.GET('/v1/tenants/{tenant}/revisions/{revision}/status', {
        params: { path: { ...path, revision } },
      });
      const { state } = accepted('Reading the status', answer);
      return state === 'live' || undefined;
    },
    { seconds: SECONDS, signal },
  );
}
