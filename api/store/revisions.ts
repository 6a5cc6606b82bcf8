import { and, desc, eq, lt } from 'drizzle-orm';
import type { RevisionView } from '../revisions/schema.ts';
import type { Stored } from '../view.ts';
import { $, all, first, type Kit, type Page, prepare } from './query.ts';

export interface Revision extends Stored<RevisionView> {
  tenant: string;
}

/** The revisions of tenants: the parent and the changes of each. */
export interface Revisions {
  find(tenant: string, number: number): Promise<Revision | undefined>;
  /** Lists revisions, the newest first. `page.after` is a revision number. */
  list(tenant: string, page: Page): Promise<Revision[]>;
}

function statements({ db, t }: Kit) {
  return {
    one: prepare(
      db
        .select()
        .from(t.revision)
        .where(and(eq(t.revision.tenant, $('tenant')), eq(t.revision.number, $('number')))),
    ),
    list: prepare(
      db
        .select()
        .from(t.revision)
        .where(and(eq(t.revision.tenant, $('tenant')), lt(t.revision.number, $('before'))))
        .orderBy(desc(t.revision.number))
        .limit($('limit')),
    ),
  };
}

type RevisionRow = Omit<Revision, 'changes' | 'restores'> & { changes: string; restores: number | null };

function read({ changes, restores, ...row }: RevisionRow): Revision {
  return { ...row, changes: JSON.parse(changes), ...(restores === null ? {} : { restores }) };
}

export function revisions(kit: Kit): Revisions {
  const q = statements(kit);
  return {
    async find(tenant, number) {
      const row = await first(kit, q.one, { tenant, number });
      return row && read(row);
    },

    async list(tenant, { limit, after }) {
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after);
      return (await all(kit, q.list, { tenant, before, limit })).map(read);
    },
  };
}
