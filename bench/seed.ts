import type { ApiProcess } from './api-process.ts';
import type { Control } from './control.ts';
import { FLEET, LABELS, type Pair, PORTS, revisionOf, tenantName } from './workload.ts';

const CONNECTIONS = 32;

export interface Binds {
  http: number;
  https: number;
}

/** @returns a token for the fleet's agent */
export async function createFleet(control: Control, binds: Binds): Promise<string> {
  const ports = [
    { number: PORTS.http, bind: binds.http, protocol: 'HTTP' },
    { number: PORTS.https, bind: binds.https, protocol: 'HTTPS' },
  ];
  // The upstreams listen on loopback.
  const fleet = { name: FLEET, labels: LABELS, ports, address: '127.0.0.1', denyDestinations: [] };
  await control.request('POST', '/v1/fleets', fleet);
  const made = await control.request('POST', `/v1/fleets/${FLEET}/tokens`, { description: 'bench' });
  return (JSON.parse(made.body) as { token: string }).token;
}

export async function createTenant(control: Control, tenant: string, certificate: Pair | undefined): Promise<void> {
  await control.request('POST', '/v1/tenants', { name: tenant });
  await control.request('POST', `/v1/tenants/${tenant}/revisions`, revisionOf(tenant, 'v0', certificate));
}

/** Makes the tenants from `first` up to but not including `end`, many at a time. */
export async function seed(
  api: ApiProcess,
  {
    first,
    end,
    issue,
    signal,
  }: { first: number; end: number; issue?: ((tenant: string) => Pair) | undefined; signal: AbortSignal },
): Promise<void> {
  let next = first;
  const write = async () => {
    const control = await api.connect();
    try {
      while (next < end) {
        signal.throwIfAborted();
        const tenant = tenantName(next++);
        await createTenant(control, tenant, issue?.(tenant));
      }
    } finally {
      control.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS, end - first) }, write));
}
