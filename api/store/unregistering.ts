import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Commit } from './commit.ts';
import type { Statement } from './driver.ts';
import { $, guard, type Kit, prepare } from './query.ts';

/** The part of a commit that concerns registered endpoints. */
interface Unregistration {
  statements: Statement[];
  /** The deleted upstreams. Their registered endpoints are deleted too. */
  upstreams: string[];
}

/** Makes the statements of a commit that concern registered endpoints. There are none in nearly all commits. */
export function unregistering(kit: Kit): (commit: Commit) => Unregistration {
  const { db, t, x } = kit;
  const item = sql.raw('item');
  const isOfThese = and(
    eq(t.registeredEndpoint.tenant, $('tenant')),
    inArray(t.registeredEndpoint.upstream, sql`(select ${item} from ${x.items($('names'))})`),
  );
  const isFree = guard(kit, 'head', sql`not exists (select 1 from ${t.registeredEndpoint} where ${isOfThese})`);
  const remove = prepare(db.delete(t.registeredEndpoint).where(isOfThese));
  return ({ tenant, deletes, unregistered = [] }) => {
    const upstreams = deletes.filter(({ kind }) => kind === 'upstream').map(({ name }) => name);
    return {
      upstreams,
      statements: [
        ...(unregistered.length > 0 ? [isFree.with({ tenant, names: JSON.stringify(unregistered) })] : []),
        ...(upstreams.length > 0 ? [remove.with({ tenant, names: JSON.stringify(upstreams) })] : []),
      ],
    };
  };
}
