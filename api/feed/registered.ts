import type { Endpoint } from '../../model/kinds/upstream.ts';
import type { RegisteredEndpoints } from '../../wire/feed.ts';
import type { EventSources } from './event-sources.ts';
import type { Step } from './for-fleet.ts';

/**
 * Reads the registered endpoints that the event of a step contains, as they are now. An event that is lost or repeated
 * therefore does no harm.
 *
 * @returns the complete list of each upstream that the step concerns; the lists of all upstreams for an event with the
 *   whole configuration; nothing when there are none
 */
export async function registeredIn(
  sources: EventSources,
  { tenant, base, upstreams }: Step,
): Promise<{ endpoints?: RegisteredEndpoints[] }> {
  if (base === 0) {
    const endpoints = (await registeredOf(sources, [tenant])).get(tenant);
    return endpoints ? { endpoints } : {};
  }
  if (upstreams.length === 0) return {};
  const found = await sources.store.endpoints.ofUpstreams(tenant, upstreams, sources.moment());
  const lists = new Map(found.map(({ upstream, endpoints }) => [upstream, endpoints]));
  return { endpoints: upstreams.map((upstream) => ({ upstream, endpoints: parsed(lists.get(upstream) ?? []) })) };
}

/** Reads all registered endpoints of some tenants, by the name of the tenant. */
export async function registeredOf(
  { store, moment }: EventSources,
  tenants: readonly string[],
): Promise<Map<string, RegisteredEndpoints[]>> {
  if (tenants.length === 0) return new Map();
  const found = await store.endpoints.ofTenants(tenants, moment());
  return new Map(
    [...Map.groupBy(found, ({ tenant }) => tenant)].map(([tenant, lists]) => [
      tenant,
      lists.map(({ upstream, endpoints }) => ({ upstream, endpoints: parsed(endpoints) })),
    ]),
  );
}

const parsed = (endpoints: readonly string[]) => endpoints.map((json) => JSON.parse(json) as Endpoint);
