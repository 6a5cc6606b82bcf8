import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Commit } from './commit.ts';
import type { Statement } from './driver.ts';
import { PART, parts } from './parts.ts';
import { $, $int, $text, type Kit, parameters, prepare } from './query.ts';

/** One resource of a commit, written or deleted. */
interface Version {
  kind: string;
  name: string;
  spec: string;
  info: string | null;
  labels: string;
  deleted: boolean;
}

/** The number of resources up to which one statement per resource is the fastest way. */
const FEW = 8;

function statements({ db, t, x }: Kit) {
  const v = t.resourceVersion;
  const open = and(eq(v.tenant, $('tenant')), isNull(v.toRevision));
  const close = () => db.update(v).set({ toRevision: sql`${$('number')}` });
  const columns = ['kind', 'name', 'spec', 'info', 'labels', 'deleted'] as const;
  const records = x.records($('records'), columns);
  const of = (column: (typeof columns)[number]) => sql.raw(`records.${column}`);
  return {
    close: prepare(close().where(and(open, eq(v.kind, $('kind')), eq(v.name, $('name'))))),
    open: prepare(
      db.insert(v).values({
        ...parameters('tenant', 'kind', 'name', 'toRevision', 'spec', 'info', 'labels'),
        fromRevision: $('number'),
        updatedAt: $('createdAt'),
      }),
    ),
    closeAll: prepare(
      close().where(and(open, sql`(${v.kind}, ${v.name}) in (select ${of('kind')}, ${of('name')} from ${records})`)),
    ),
    openAll: prepare(
      db.insert(v).select(
        sql`select ${$text('tenant')}, ${of('kind')}, ${of('name')}, ${$int('number')}, case when ${of('deleted')} is not null then ${$int('number')} end,
          ${of('spec')}, ${of('info')}, ${of('labels')}, ${$int('createdAt')} from ${records}`,
      ),
    ),
  };
}

const versionsOf = ({ puts, deletes }: Commit): Version[] => [
  ...deletes.map(({ kind, name }) => ({ kind, name, spec: 'null', info: null, labels: '{}', deleted: true })),
  ...puts.map(({ kind, name, spec, json = JSON.stringify(spec), info }) => ({
    kind,
    name,
    spec: json,
    info: info ? JSON.stringify(info) : null,
    labels: JSON.stringify((spec as { labels?: Record<string, string> }).labels ?? {}),
    deleted: false,
  })),
];

/**
 * Makes the statements that replace the versions of the resources of a commit. Each open version ends, and a new one
 * begins.
 */
export function versions(kit: Kit): (commit: Commit) => Statement[] {
  const q = statements(kit);
  return (commit) => {
    const { tenant, revision } = commit;
    const at = { tenant, number: revision.number, createdAt: revision.createdAt };
    const all = versionsOf(commit);
    const single = ({ deleted, ...version }: Version) => {
      const row = { ...at, ...version, toRevision: deleted ? revision.number : null };
      return [q.close.with(row), q.open.with(row)];
    };
    if (all.length <= FEW) return all.flatMap(single);
    // A large spec is written by two statements of its own. With `records`, the spec would be passed twice.
    const large = all.filter(({ spec }) => spec.length > PART / 2);
    const small = all.filter(({ spec }) => spec.length <= PART / 2);
    const many = parts(small.map(({ deleted, ...version }) => ({ ...version, ...(deleted && { deleted: 'y' }) })));
    return [
      ...many.flatMap((records) => [q.closeAll.with({ ...at, records }), q.openAll.with({ ...at, records })]),
      ...large.flatMap(single),
    ];
  };
}
