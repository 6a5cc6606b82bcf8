import { and, eq, inArray, or, sql } from 'drizzle-orm';
import { $, $text, all, type Kit, prepare } from './query.ts';

/** The actors that have a name: people have an address, and tokens a description. */
type NamedActor = 'person' | 'token';

/** The names of those whom the audit log and the revisions name by their ids. */
export interface ActorNames {
  /**
   * Returns the names by actor, as they are now. Those who have none are left out.
   *
   * @param tenant only its members and its tokens have names; absent for those of everybody
   * @param actors for example `person:<id>`; other actors, and repeated ones, are allowed
   */
  of(
    types: readonly NamedActor[],
    tenant: string | undefined,
    actors: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
}

function statements({ db, t: { member, person, token }, x }: Kit) {
  const ids = sql`(select ${sql.raw('item')} from ${x.items($('ids'))})`;
  const isMember = sql`exists (select 1 from ${member} where ${member.tenant} = ${$('tenant')} and ${member.person} = ${person.id})`;
  const inTenant = (condition: ReturnType<typeof eq>) => or(sql`${$text('tenant')} is null`, condition);
  return {
    person: prepare(
      db
        .select({ id: person.id, name: person.email })
        .from(person)
        .where(and(inArray(person.id, ids), inTenant(isMember))),
    ),
    token: prepare(
      db
        .select({ id: token.id, name: token.description })
        .from(token)
        .where(and(inArray(token.id, ids), inTenant(eq(token.tenant, $('tenant'))))),
    ),
  };
}

export function actorNames(kit: Kit): ActorNames {
  const q = statements(kit);
  return {
    async of(types, tenant, actors) {
      const names = new Map<string, string>();
      for (const type of types) {
        const prefix = `${type}:`;
        const ids = new Set(
          actors.filter((actor) => actor.startsWith(prefix)).map((actor) => actor.slice(prefix.length)),
        );
        if (ids.size === 0) continue;
        const rows = await all(kit, q[type], { ids: JSON.stringify([...ids]), tenant: tenant ?? null });
        for (const { id, name } of rows) if (name) names.set(prefix + id, name);
      }
      return names;
    },
  };
}
