import { type Fleet, selects } from '../../model/fleet.ts';
import { isShared } from '../../model/values/allowed-routes.ts';
import type { Services } from '../context.ts';
import { servingNow } from '../endpoints/write.ts';
import { Look } from '../publishing/heads/heads.ts';
import type { Announcement, NameRow } from '../store/automatic.ts';

/** Where a name is served. */
export interface Place {
  basis: Look;
  /** What the batch of a change needs that agents get. */
  announcement: Announcement;
  /** The fleets whose Envoys serve the servers that name the certificate. */
  fleets: readonly Fleet[];
}

/** Finds the fleets that serve a name now. */
export async function placeOf(
  services: Services,
  { tenant, certificate, name, attached }: NameRow,
  now: number,
): Promise<Place> {
  const basis = new Look(services.heads, tenant);
  const head = await basis.load();
  const { generation, serving, others } = await servingNow(services, head);
  const gateways = head
    .gateways()
    .filter(({ servers }) =>
      servers.some(
        ({ hosts, tls, allowedRoutes }) =>
          tls?.credentialName === certificate && (attached === 1 ? isShared(allowedRoutes) : hosts.includes(name)),
      ),
    );
  const fleets = serving.filter((fleet) => gateways.some((gateway) => selects(gateway, tenant, fleet)));
  return {
    basis,
    announcement: {
      head: { revision: head.revision, id: head.id, tenantCreatedAt: head.born },
      others,
      fleetGeneration: generation,
      fleets: fleets.map((fleet) => fleet.name),
      at: now,
    },
    fleets,
  };
}

/** Forgets what turned out to be outdated, because a batch that was computed from it was refused. */
export async function refused({ heads, fleets }: Services, { basis }: Place, tenant: string): Promise<void> {
  fleets.forget();
  if (basis.loaded?.own) await heads.confirm(basis);
  else heads.forget(tenant);
}
