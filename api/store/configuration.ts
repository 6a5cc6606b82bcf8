import { and, asc, desc, eq, gt, gte, inArray, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Kind } from '../../model/kinds/index.ts';
import { Pace } from '../pace.ts';
import type { KeptResource, Revision, Store, StoredResource } from './port.ts';
import { $, all, first, type Kit, pageValues, prepare } from './query.ts';

type Configuration = Pick<
  Store,
  'resources' | 'resource' | 'list' | 'changes' | 'revision' | 'revisions' | 'sealedKeys' | 'someSealedKeys'
>;

function statements({ db, t, x }: Kit) {
  const v = t.resourceVersion;
  const ofTenant = eq(v.tenant, $('tenant'));
  const isHead = isNull(v.toRevision);
  const at = (parameter: string): SQL =>
    and(lte(v.fromRevision, $(parameter)), or(isHead, gt(v.toRevision, $(parameter))))!;
  const select = () =>
    db
      .select({
        kind: v.kind,
        name: v.name,
        spec: v.spec,
        info: v.info,
        revision: v.fromRevision,
        updatedAt: v.updatedAt,
      })
      .from(v);
  const whole = (state: SQL) => prepare(select().where(and(ofTenant, state)).orderBy(asc(v.kind), asc(v.name)));
  const one = (state: SQL) =>
    prepare(select().where(and(ofTenant, eq(v.kind, $('kind')), eq(v.name, $('name')), state)));
  const page = and(
    ofTenant,
    eq(v.kind, $('kind')),
    gt(v.name, $('after')),
    gte(v.name, $('from')),
    lt(v.name, $('until')),
  );
  const labelled = x.hasMember(v.labels, $('labelKey'), $('labelValue'));
  const list = (...state: SQL[]) =>
    prepare(
      select()
        .where(and(page, ...state))
        .orderBy(asc(v.name))
        .limit($('limit')),
    );

  return {
    head: { whole: whole(isHead), one: one(isHead), list: list(isHead), listLabelled: list(isHead, labelled) },
    at: {
      whole: whole(at('revision')),
      one: one(at('revision')),
      list: list(at('revision')),
      listLabelled: list(at('revision'), labelled),
    },
    changed: whole(and(gt(v.fromRevision, $('from')), at('to'))!),
    deleted: prepare(
      db
        .selectDistinct({ kind: v.kind, name: v.name })
        .from(v)
        .where(
          and(ofTenant, gt(v.fromRevision, $('from')), lte(v.fromRevision, $('to')), eq(v.toRevision, v.fromRevision)),
        )
        .orderBy(asc(v.kind), asc(v.name)),
    ),
    revision: prepare(
      db
        .select()
        .from(t.revision)
        .where(and(eq(t.revision.tenant, $('tenant')), eq(t.revision.number, $('number')))),
    ),
    revisions: prepare(
      db
        .select()
        .from(t.revision)
        .where(and(eq(t.revision.tenant, $('tenant')), lt(t.revision.number, $('before'))))
        .orderBy(desc(t.revision.number))
        .limit($('limit')),
    ),
    someKeys: prepare(db.select().from(t.sealedKey).limit($('limit'))),
    keys: prepare(
      db
        .select({ id: t.sealedKey.id, keyId: t.sealedKey.keyId, sealed: t.sealedKey.sealed })
        .from(t.sealedKey)
        .where(
          and(
            eq(t.sealedKey.tenant, $('tenant')),
            inArray(t.sealedKey.id, sql`(select ${sql.raw('item')} from ${x.items($('ids'))})`),
          ),
        )
        .orderBy(asc(t.sealedKey.id)),
    ),
  };
}

function readResource<K extends Kind>({ spec, info, ...row }: KeptResource): StoredResource<K> {
  const parsed = { ...row, spec: JSON.parse(spec), ...(info === null ? {} : { info: JSON.parse(info) }) };
  // What was written passed the kind's schema; it is not checked again at every read.
  return parsed as StoredResource<K>;
}

/** There may be very many: other requests are answered in between. */
async function readAll(rows: readonly KeptResource[]): Promise<StoredResource[]> {
  const pace = new Pace(rows.length);
  const resources: StoredResource[] = [];
  for (const row of rows) {
    if (pace.isDue) await pace.rest();
    resources.push(readResource(row));
  }
  return resources;
}

type RevisionRow = Omit<Revision, 'changes' | 'restores'> & { changes: string; restores: number | null };

function readRevision({ changes, restores, ...row }: RevisionRow): Revision {
  return { ...row, changes: JSON.parse(changes), ...(restores === null ? {} : { restores }) };
}

export function configuration(kit: Kit): Configuration {
  const q = statements(kit);
  const state = (revision: number | undefined) => (revision === undefined ? q.head : q.at);
  const bound = (revision: number | undefined) => (revision === undefined ? {} : { revision });

  return {
    async resources(tenant, revision) {
      return readAll(await all(kit, state(revision).whole, { tenant, ...bound(revision) }));
    },

    resource: (tenant, kind, name, revision) =>
      first(kit, state(revision).one, { tenant, kind, name, ...bound(revision) }),

    async list<K extends Kind>(tenant: string, kind: K, { label, revision, ...page }: Parameters<Store['list']>[2]) {
      const values = { tenant, kind, ...pageValues(page), ...bound(revision) };
      const rows = label
        ? await all(kit, state(revision).listLabelled, { ...values, labelKey: label[0], labelValue: label[1] })
        : await all(kit, state(revision).list, values);
      return rows.map((row) => readResource<K>(row));
    },

    async changes(tenant, from, to) {
      const [puts, deleted] = await Promise.all([
        all(kit, q.changed, { tenant, from, to }),
        all(kit, q.deleted, { tenant, from, to }),
      ]);
      // What came back after its delete is among the puts.
      const standing = new Set(puts.map(({ kind, name }) => `${kind}/${name}`));
      return {
        puts: await readAll(puts),
        deletes: deleted
          .filter(({ kind, name }) => !standing.has(`${kind}/${name}`))
          .map(({ kind, name }) => ({ kind: kind as Kind, name })),
      };
    },

    async revision(tenant, number) {
      const row = await first(kit, q.revision, { tenant, number });
      return row && readRevision(row);
    },

    async revisions(tenant, { limit, after }) {
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after);
      return (await all(kit, q.revisions, { tenant, before, limit })).map(readRevision);
    },

    someSealedKeys: (limit) => all(kit, q.someKeys, { limit }),
    sealedKeys: (tenant, ids) => all(kit, q.keys, { tenant, ids: JSON.stringify(ids) }),
  };
}
