import { and, asc, between, desc, eq, gt, gte, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { InfoOf, Kind, SpecOf } from '../../model/kinds/index.ts';
import { Pace } from '../pace.ts';
import { contents, type KeptResource, type Outline, outlineColumns } from './contents.ts';
import type { Value } from './driver.ts';
import { $, all, first, type Kit, type Page, type Prepared, pageValues, prepare } from './query.ts';

export type StoredResource<K extends Kind = Kind> = {
  [P in K]: {
    kind: P;
    name: string;
    spec: SpecOf<P>;
    info?: InfoOf<P>;
    revision: number;
    updatedAt: number;
  };
}[K];

/** The resources of tenants, at their heads or at a kept revision. */
export interface Configuration {
  /** Reads every resource at the head, or at `revision`, sorted by kind and name. */
  resources(tenant: string, revision?: number): Promise<StoredResource[]>;
  resource(
    tenant: string,
    kind: Kind,
    name: string,
    revision?: number,
  ): Promise<(KeptResource & { tenantCreatedAt: number }) | undefined>;
  /** Reads one page of the resources of one kind, sorted by name. */
  list<K extends Kind>(tenant: string, kind: K, page: ResourcePage): Promise<StoredResource<K>[]>;
  /** Reads the outlines of every resource at the head, or at `revision`, sorted by kind and name. */
  outlines(tenant: string, revision?: number): Promise<Outline[]>;
  /** Reads the outlines of one page of a list. */
  listOutlines(tenant: string, kind: Kind, page: ResourcePage): Promise<Outline[]>;
  /** Reads the contents of versions in pieces, without those that were pruned meanwhile. */
  contents(tenant: string, outlines: readonly Outline[]): AsyncGenerator<KeptResource[]>;
  /**
   * Reads the state at revision `to` of every resource that changed after revision `from`, up to and including `to`.
   */
  changes(
    tenant: string,
    from: number,
    to: number,
  ): Promise<{ puts: StoredResource[]; deletes: { kind: Kind; name: string }[] }>;
  /**
   * Returns the revisions from `from` to `to` that changed a resource of this kind, or only the resource with this name
   * if a name is given. The latest revision comes first. Returns at most `limit` revisions.
   */
  changedIn(
    tenant: string,
    resource: { kind: Kind; name?: string | undefined },
    range: { from: number; to: number; limit: number },
  ): Promise<number[]>;
  /** Returns the changes in the revisions from `from` to `to` that a later revision up to `to` has overwritten. */
  changedAgainIn(tenant: string, from: number, to: number): Promise<{ revision: number; kind: Kind; name: string }[]>;
}

type ResourcePage = Page & { prefix?: string; label?: [string, string]; revision?: number };

function statements(kit: Kit) {
  const { db, t, x } = kit;
  const v = t.resourceVersion;
  const ofTenant = eq(v.tenant, $('tenant'));
  const isHead = isNull(v.toRevision);
  const at = (parameter: string): SQL =>
    and(lte(v.fromRevision, $(parameter)), or(isHead, gt(v.toRevision, $(parameter))))!;
  const select = () => db.select(outlineColumns(kit)).from(v);
  const whole = (state: SQL) => prepare(select().where(and(ofTenant, state)).orderBy(asc(v.kind), asc(v.name)));
  const one = (state: SQL) =>
    prepare(
      db
        .select({
          kind: v.kind,
          name: v.name,
          spec: v.spec,
          info: v.info,
          revision: v.fromRevision,
          updatedAt: v.updatedAt,
          tenantCreatedAt: t.tenant.createdAt,
        })
        .from(v)
        .innerJoin(t.tenant, eq(t.tenant.name, v.tenant))
        .where(and(ofTenant, eq(v.kind, $('kind')), eq(v.name, $('name')), state)),
    );
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
    changedSince: whole(and(gt(v.fromRevision, $('from')), at('to'))!),
    deleted: prepare(
      db
        .selectDistinct({ kind: v.kind, name: v.name })
        .from(v)
        .where(
          and(ofTenant, gt(v.fromRevision, $('from')), lte(v.fromRevision, $('to')), eq(v.toRevision, v.fromRevision)),
        )
        .orderBy(asc(v.kind), asc(v.name)),
    ),
  };
}

/** Prepares the queries for changes. They find resource versions by the revisions in which a version began or ended. */
function history({ db, t }: Kit) {
  const version = t.resourceVersion;
  const changed = (...more: Parameters<typeof and>) =>
    prepare(
      db
        .selectDistinct({ revision: version.fromRevision })
        .from(version)
        .where(
          and(
            eq(version.tenant, $('tenant')),
            eq(version.kind, $('kind')),
            between(version.fromRevision, $('from'), $('to')),
            ...more,
          ),
        )
        .orderBy(desc(version.fromRevision))
        .limit($('limit')),
    );
  return {
    changed: changed(),
    changedAgain: prepare(
      db
        .select({ revision: version.fromRevision, kind: version.kind, name: version.name })
        .from(version)
        .where(
          and(
            eq(version.tenant, $('tenant')),
            between(version.fromRevision, $('from'), $('to')),
            lte(version.toRevision, $('to')),
            // The row of a delete begins and ends at the same revision.
            sql`(${version.toRevision} > ${version.fromRevision} or exists (select 1 from ${t.resourceVersion} as later
              where later.tenant = ${version.tenant} and later.kind = ${version.kind} and later.name = ${version.name}
              and later.from_revision > ${version.fromRevision} and later.from_revision <= ${$('to')}))`,
          ),
        )
        .orderBy(asc(version.fromRevision), asc(version.kind), asc(version.name))
        .limit(1000),
    ),
    changedNamed: changed(eq(version.name, $('name'))),
  };
}

function readResource<K extends Kind>({ spec, info, ...row }: KeptResource): StoredResource<K> {
  const parsed = { ...row, spec: JSON.parse(spec), ...(info === null ? {} : { info: JSON.parse(info) }) };
  // The API validated the spec with the schema of its kind before it stored it, so reads do not validate it.
  return parsed as StoredResource<K>;
}

export function configuration(kit: Kit): Configuration {
  const q = { ...statements(kit), ...history(kit) };
  const state = (revision: number | undefined) => (revision === undefined ? q.head : q.at);
  const bound = (revision: number | undefined) => (revision === undefined ? {} : { revision });
  const read = contents(kit);
  const outlined = async (query: Prepared<Outline>, values: Record<string, Value>) => all(kit, query, values);

  /** Reads and parses the resources that a query finds. If one of them is pruned meanwhile, it reads them again. */
  async function parsed(query: Prepared<Outline>, values: Record<string, Value> & { tenant: string }) {
    for (;;) {
      const outlines = await outlined(query, values);
      const pace = new Pace(outlines.length);
      const resources: StoredResource[] = [];
      for await (const piece of read(values.tenant, outlines)) {
        for (const row of piece) {
          if (pace.isDue) await pace.rest();
          resources.push(readResource(row));
        }
      }
      if (resources.length === outlines.length) return resources;
    }
  }

  const queryOf = (tenant: string, kind: Kind, { label, revision, ...page }: ResourcePage) => {
    const { list, listLabelled } = state(revision);
    return {
      query: (label ? listLabelled : list) as Prepared<Outline>,
      values: {
        ...{ tenant, kind, ...pageValues(page), ...bound(revision) },
        ...(label && { labelKey: label[0], labelValue: label[1] }),
      },
    };
  };

  return {
    resources: (tenant, revision) => parsed(state(revision).whole as Prepared<Outline>, { tenant, ...bound(revision) }),
    outlines: (tenant, revision) =>
      outlined(state(revision).whole as Prepared<Outline>, { tenant, ...bound(revision) }),
    contents: read,

    resource: (tenant, kind, name, revision) =>
      first(kit, state(revision).one, { tenant, kind, name, ...bound(revision) }),

    async list<K extends Kind>(tenant: string, kind: K, page: ResourcePage) {
      const { query, values } = queryOf(tenant, kind, page);
      return (await parsed(query, values)) as StoredResource<K>[];
    },
    async listOutlines(tenant, kind, page) {
      const { query, values } = queryOf(tenant, kind, page);
      return outlined(query, values);
    },

    async changes(tenant, from, to) {
      const [puts, deleted] = await Promise.all([
        parsed(q.changedSince as Prepared<Outline>, { tenant, from, to }),
        all(kit, q.deleted, { tenant, from, to }),
      ]);
      // A resource that was deleted and created again is among the puts.
      const standing = new Set(puts.map(({ kind, name }) => `${kind}/${name}`));
      return {
        puts,
        deletes: deleted
          .filter(({ kind, name }) => !standing.has(`${kind}/${name}`))
          .map(({ kind, name }) => ({ kind: kind as Kind, name })),
      };
    },

    async changedAgainIn(tenant, from, to) {
      const rows = await all(kit, q.changedAgain, { tenant, from, to });
      return rows.map(({ kind, ...row }) => ({ ...row, kind: kind as Kind }));
    },
    async changedIn(tenant, { kind, name }, range) {
      const query = name === undefined ? q.changed : q.changedNamed;
      const rows = await all(kit, query, { tenant, kind, ...(name !== undefined && { name }), ...range });
      return rows.map(({ revision }) => revision);
    },
  };
}
