import type { Services } from '../context.ts';
import { knownFleets } from '../publishing/sharing/known-fleets.ts';
import { kept } from './kept.ts';

/**
 * Returns the number of a revision in the feed of each fleet that serves the revision, as far as the tenant may know
 * these fleets.
 *
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function seqsOf(services: Services, tenant: string, revision: number): Promise<Map<string, number>> {
  const rows = await services.store.feed.ofRevision(tenant, revision);
  if (rows.length === 0) return seqsNow(services, tenant, revision);
  // Rows with the base 0 may be from a change of the tenant's state, or from the removal of a tenant that its routes name.
  // All fleets that may serve it get these.
  if (!rows.some(({ mayBeForParent, base }) => mayBeForParent || base === 0))
    return new Map(rows.map(({ fleet, seq }) => [fleet, seq]));
  // A fleet that stops to serve the tenant has work for the revision too.
  const known = new Set<string>();
  for (const number of [revision - 1, revision])
    for (const { name } of await knownAt(services, tenant, number)) known.add(name);
  return new Map(rows.flatMap(({ fleet, seq }) => (known.has(fleet) ? [[fleet, seq] as const] : [])));
}

/**
 * Returns the numbers when the rows of the revision in the feed are pruned, or lost after a restore of the database. A
 * node that has received every remaining row has then received the revision too.
 */
async function seqsNow(services: Services, tenant: string, revision: number): Promise<Map<string, number>> {
  const { all } = await services.fleets.of(tenant, services.clock());
  const { configuration } = await services.heads.at(tenant, revision);
  const seqs = new Map<string, number>();
  for (const { name } of await knownFleets(services, all, tenant, configuration))
    seqs.set(name, await services.store.feed.floor(name));
  return seqs;
}

/** Returns the fleets that serve a revision, as far as the tenant may know; none when the revision is pruned. */
async function knownAt(services: Services, tenant: string, revision: number) {
  const configuration = revision > 0 ? await kept(services, tenant, revision) : undefined;
  if (!configuration) return [];
  const { all } = await services.fleets.of(tenant, services.clock());
  return knownFleets(services, all, tenant, configuration);
}
