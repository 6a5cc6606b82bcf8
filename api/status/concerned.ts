/** Decides which rejections in the report of an agent are stored. An agent knows only what its fleet serves. */
import { servesMesh } from '../../model/binding/mesh.ts';
import { isSelectedKind, kindIds } from '../../model/kinds/index.ts';
import type { Rejection } from '../../wire/feed.ts';
import type { Services } from '../context.ts';
import { servedBy } from '../feed/for-fleet.ts';
import { sharedServing } from '../feed/shared.ts';
import { Pace } from '../pace.ts';
import { fleetsOf } from '../serving/serving.ts';
import type { StoredResource } from '../store/configuration.ts';
import type { Fleet } from '../store/fleets.ts';

/**
 * Returns a function that decides whether a rejection concerns a revision that exists, of a tenant that the fleet
 * serves or served at that revision. Any other rejection is untrue, or its tenant was removed meanwhile. It would
 * appear in the status of a tenant that has nothing to do with the fleet.
 *
 * The function remembers its results, so it is for one report.
 */
export function concerning(services: Services, fleet: Fleet): (rejection: Rejection) => Promise<boolean> {
  const known = new Map<string, boolean>();
  const pace = new Pace();
  return async ({ tenant, revision }) => {
    const key = `${tenant}/${revision}`;
    let served = known.get(key);
    if (served !== undefined) return served;
    if (pace.isDue) await pace.rest();
    served = await isServed(services, fleet, tenant, revision);
    known.set(key, served);
    return served;
  };
}

async function isServed(services: Services, fleet: Fleet, tenant: string, revision: number): Promise<boolean> {
  if (revision < 1) return false;
  // Nearly every rejection concerns a tenant that has just written, so its head is in memory.
  const newest = services.heads.newest(tenant);
  if (
    newest &&
    revision <= newest.revision &&
    fleetsOf([fleet], tenant, newest.gateways(), [newest.configuration]).length > 0
  )
    return true;
  const { store } = services;
  const found = await store.tenants.find(tenant);
  if (!found || revision > found.revision) return false;
  if ((await store.feed.ofRevision(tenant, revision)).some((row) => row.fleet === fleet.name)) return true;
  for (const at of new Set([found.revision, revision]))
    if (servedBy(fleet, tenant, await selecting(services, fleet, tenant, at))) return true;
  return (await sharedServing(store, fleet, tenant)).isServed;
}

/** Reads the resources of a tenant by which fleets serve it, at a revision: all of them if the fleet is the tenant's own. */
async function selecting(
  { store }: Services,
  fleet: Fleet,
  tenant: string,
  revision: number,
): Promise<StoredResource[]> {
  if (servesMesh(fleet, tenant)) return store.configuration.resources(tenant, revision);
  const all: StoredResource[] = [];
  for (const kind of kindIds.filter(isSelectedKind))
    for (let after: string | undefined; ; ) {
      const page = await store.configuration.list(tenant, kind, {
        ...{ revision, limit: PAGE },
        ...(after !== undefined && { after }),
      });
      all.push(...page);
      if (page.length < PAGE) break;
      after = page.at(-1)!.name;
    }
  return all;
}

/** The number of resources that one query reads. */
const PAGE = 100;
