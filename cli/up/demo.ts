import { configuration, HOSTS } from '../../demo/bookinfo/configuration.ts';
import { portsFrom } from '../../demo/bookinfo/ports.ts';
import type { Authority } from '../../demo/certificates.ts';
import type { Schemas } from '../../openapi/client.ts';
import { until } from '../process/waiting.ts';
import { accepted, type Remote } from '../remote/client.ts';
import { canonical } from './fleet.ts';
import type { Installation } from './installation.ts';
import { TENANT } from './tenant.ts';

const SECONDS = 30;
const path = { tenant: TENANT };

/**
 * Writes the demo's configuration to the API. A later start writes only the parts that depend on this machine
 * (addresses, an expiring certificate), so it keeps the changes that people made. When nothing differs, it writes
 * nothing.
 *
 * @returns the revision that must be live
 */
export async function applyDemo(tenant: Remote, authority: Authority, installation: Installation): Promise<number> {
  const certificate = await authority.issue('bookinfo', HOSTS);
  const wanted = configuration({ ports: portsFrom(installation.options.demoPort), certificate });
  const { revision } = accepted('Reading the tenant', await tenant.GET('/v1/tenants/{tenant}', { params: { path } }));
  if (revision === 0) {
    const answer = await tenant.PUT('/v1/tenants/{tenant}/configuration', { params: { path }, body: wanted });
    accepted('Applying the demo', answer);
  } else {
    await refresh(tenant, wanted);
  }
  return accepted('Reading the tenant', await tenant.GET('/v1/tenants/{tenant}', { params: { path } })).revision;
}

type Wanted = ReturnType<typeof configuration>;
type Specs = Record<string, Record<string, unknown> | undefined>;

async function refresh(tenant: Remote, wanted: Wanted): Promise<void> {
  const { data } = await tenant.GET('/v1/tenants/{tenant}/configuration', { params: { path } });
  const held = data as Record<string, Specs> | undefined;
  const puts: Schemas['RevisionPut'][] = [
    ...Object.entries(wanted.upstreams).flatMap(([name, spec]) => {
      const have = held?.upstreams?.[name];
      return have && canonical(have.endpoints) !== canonical(spec.endpoints)
        ? [{ kind: 'upstream' as const, name, spec }]
        : [];
    }),
    ...Object.entries(wanted.certificates).flatMap(([name, spec]) => {
      const have = held?.certificates?.[name];
      return have && have.certificateChain !== spec.certificateChain
        ? [{ kind: 'certificate' as const, name, spec }]
        : [];
    }),
  ];
  if (puts.length === 0) return;
  const body = { message: 'gatehouse up: addresses and certificate of this machine', puts };
  accepted('Refreshing the demo', await tenant.POST('/v1/tenants/{tenant}/revisions', { params: { path }, body }));
}

/** Waits until a probe through every Envoy saw the revision. */
export async function waitLive(tenant: Remote, revision: number, { signal }: Installation): Promise<void> {
  await until(
    'The demo is live',
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
