import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import { absent } from '../problem.ts';
import type { StaffMember } from '../store/members.ts';
import type { PlatformRole } from './schema.ts';

/** Reads one page of the people with a role in the platform. */
export const listStaff = (
  ctx: Context,
  query: { limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: StaffMember[]; next?: string }> =>
  page(
    query,
    (at) => ctx.store.members.staff(at),
    ({ person }) => person,
  );

/**
 * Gives a person a role in the platform, or takes it and revokes the tokens of the platform that the person limits. All
 * processes apply the change to the sessions and tokens of the person.
 *
 * @throws Problem `not-found` when there is no such person
 */
export async function appoint(
  ctx: Context,
  { person, role }: { person: string; role: PlatformRole | null },
): Promise<void> {
  const before = await ctx.store.people.find(person);
  const audit = {
    ...ctx.audit(role === null ? 'delete' : 'update', `people/${person}/role`),
    diff: objectDiff({ ...(before?.role && { role: before.role }) }, { ...(role && { role }) }),
  };
  const isChanged = await ctx.store.members.appoint(person, role, audit);
  ctx.services.grants.changed(person);
  if (role === null) ctx.services.tokens.forget(({ tenant, fleet }) => tenant === undefined && fleet === undefined);
  if (!isChanged) throw absent(`person ${person}`);
}
