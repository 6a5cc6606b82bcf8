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

/** The largest number of untrue rejections that are examined per report. All further ones count as untrue too. */
const MOST_UNTRUE = 100;
/** The largest number of earlier configurations that are read per report. A fleet rarely serves a tenant no longer. */
const MOST_EARLIER = 10;

/**
 * Returns a function that decides whether a rejection concerns a revision that exists, of a tenant that the fleet
 * serves or served at that revision. Any other rejection is untrue, or its tenant was removed meanwhile. It would
 * appear in the status of a tenant that has nothing to do with the fleet.
 *
 * The function remembers its results, so it is for one report. It bounds the work that one report can cause.
 */
export function concerning(services: Services, fleet: Fleet): (rejection: Rejection) => Promise<boolean> {
  const { store } = services;
  const known = new Map<string, boolean>();
  const pace = new Pace();
  let untrue = 0;
  let earlier = 0;
  const find = perTenant((tenant) => store.tenants.find(tenant));
  // Nearly every rejection concerns a tenant that has just written, so its head is in memory.
  const newestServed = perTenant((tenant) => {
    const newest = services.heads.newest(tenant);
    const isServed = newest && fleetsOf([fleet], tenant, newest.gateways(), [newest.configuration]).length > 0;
    return isServed ? newest.revision : 0;
  });
  const isServedNow = perTenant(async (tenant) => {
    const { revision } = (await find(tenant))!;
    return (
      servedBy(fleet, tenant, await selecting(services, fleet, tenant, revision)) ||
      (await sharedServing(store, fleet, tenant)).isServed
    );
  });

  async function isServed(tenant: string, revision: number): Promise<boolean> {
    // An agent of one tenant must not make the API search for others, nor learn from its pace which of them exist.
    if (revision < 1 || (fleet.tenant !== undefined && fleet.tenant !== tenant)) return false;
    if (revision <= newestServed(tenant)) return true;
    const found = await find(tenant);
    if (!found || revision > found.revision) return false;
    if ((await store.feed.ofRevision(tenant, revision)).some((row) => row.fleet === fleet.name)) return true;
    if (await isServedNow(tenant)) return true;
    if (revision === found.revision || earlier++ >= MOST_EARLIER) return false;
    return servedBy(fleet, tenant, await selecting(services, fleet, tenant, revision));
  }

  return async ({ tenant, revision }) => {
    const key = `${tenant}/${revision}`;
    let served = known.get(key);
    if (served !== undefined) return served;
    if (untrue >= MOST_UNTRUE) return false;
    if (pace.isDue) await pace.rest();
    served = await isServed(tenant, revision);
    if (!served) untrue++;
    known.set(key, served);
    return served;
  };
}

/** Remembers the result of a function for each tenant. */
function perTenant<T>(of: (tenant: string) => T): (tenant: string) => T {
  const known = new Map<string, T>();
  return (tenant) => {
    if (!known.has(tenant)) known.set(tenant, of(tenant));
    return known.get(tenant)!;
  };
}

/**
 * Reads the resources of a tenant by which fleets serve it, at a revision: all of them if the fleet is the tenant's
 * own.
 */
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
