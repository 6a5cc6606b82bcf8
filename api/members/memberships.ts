import type { Context } from '../context.ts';
import type { OwnMembership } from '../store/own-memberships.ts';
import { purgeAtOf } from '../tenants/purge-at.ts';

/** Returns the tenants of a person, sorted by name. */
export async function memberships({ store, services }: Context, person: string): Promise<OwnMembership[]> {
  const found = await store.members.memberships(person);
  return found.map((each) => ({ ...each, ...purgeAtOf(services.settings, each) }));
}
