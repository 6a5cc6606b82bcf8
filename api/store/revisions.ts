import { and, desc, eq, lt, sql } from 'drizzle-orm';
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
  /** Reads the numbers of one page of the list, and the sizes of their changes in bytes. */
  sizes(tenant: string, page: Page): Promise<{ number: number; size: number }[]>;
}

function statements({ db, t }: Kit) {
  const before = and(eq(t.revision.tenant, $('tenant')), lt(t.revision.number, $('before')));
  return {
    sizes: prepare(
      db
        .select({ number: t.revision.number, size: sql<number>`octet_length(${t.revision.changes})` })
        .from(t.revision)
        .where(before)
        .orderBy(desc(t.revision.number))
        .limit($('limit')),
    ),
    one: prepare(
      db
        .select()
        .from(t.revision)
        .where(and(eq(t.revision.tenant, $('tenant')), eq(t.revision.number, $('number')))),
    ),
    list: prepare(db.select().from(t.revision).where(before).orderBy(desc(t.revision.number)).limit($('limit'))),
  };
}

type RevisionRow = Omit<Revision, 'changes' | 'restores'> & {
  changes: string;
  restores: number | null;
  namesParents: number | null;
};

function read({ changes, restores, namesParents: _, ...row }: RevisionRow): Revision {
  return { ...row, changes: JSON.parse(changes), ...(restores === null ? {} : { restores }) };
}

export function revisions(kit: Kit): Revisions {
  const q = statements(kit);
  const values = (tenant: string, { limit, after }: Page) => ({
    ...{ tenant, limit },
    before: after === undefined ? Number.MAX_SAFE_INTEGER : Number(after),
  });
  return {
    async find(tenant, number) {
      const row = await first(kit, q.one, { tenant, number });
      return row && read(row);
    },

    list: async (tenant, page) => (await all(kit, q.list, values(tenant, page))).map(read),
    sizes: (tenant, page) => all(kit, q.sizes, values(tenant, page)),
  };
}
