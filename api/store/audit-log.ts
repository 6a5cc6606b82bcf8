import { and, asc, desc, eq, gte, lt, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { AuditEntryView } from '../audit/schema.ts';
import type { Stored } from '../view.ts';
import { $, $int, $text, all, first, type Kit, prepare } from './query.ts';

/** An entry of the audit log. Its chain is empty if it was written before there were chains. */
export interface AuditEntry extends Stored<AuditEntryView> {}

/** The entries that a reader wants. Absent members exclude none. */
export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
  /** The target, or a path above it. */
  target?: string | undefined;
  /** The range of times in milliseconds since 1970: from `since`, and before `until`. */
  since?: number | undefined;
  until?: number | undefined;
}

/** Where a part of the log begins, and in which direction it continues. */
type AuditPlace =
  /** The newest entry first, below this key; absent: at the end of the log. */
  | { order: 'newest'; before?: number }
  /** The oldest entry first, above this key. */
  | { order: 'oldest'; after: number };

interface AuditPart {
  entries: AuditEntry[];
  /** The key at which the next part begins. Absent when this part is the last. */
  next?: number;
}

/** Reads the audit log. The key of an entry is its number in a chain, and its id in the log as a whole. */
export interface AuditLog {
  /**
   * Reads at most `limit` entries. A part may have fewer entries, or none, although it is not the last one, because a
   * call examines only some thousands of entries.
   *
   * @param chain the chain to read; absent for the entries of all chains
   */
  read(chain: string | undefined, filter: AuditFilter, place: AuditPlace, limit: number): Promise<AuditPart>;
}

/** The number of entries that one call examines. */
const EXAMINED = 5_000;

function statements({ db, t: { audit: a } }: Kit) {
  const wanted = (name: string, condition: SQL | undefined) => or(sql`${$text(name)} is null`, condition);
  const isBelow = and(gte(a.target, $text('below')), lt(a.target, $text('beyond')));
  const isWanted = and(
    wanted('actor', eq(a.actor, $text('actor'))),
    wanted('action', eq(a.action, $text('action'))),
    wanted('target', or(eq(a.target, $text('target')), isBelow)),
    gte(a.at, $('since')),
    lt(a.at, $('until')),
  );
  const by = (key: SQLWrapper, of: SQL | undefined) => {
    const range = sql`${key} >= ${$int('from')} and ${key} <= ${$int('to')}`;
    const entries = (order: SQL) =>
      prepare(
        db
          .select()
          .from(a)
          .where(and(of, range, isWanted))
          .orderBy(order)
          .limit($('limit')),
      );
    const end = (of: SQL) => sql<number>`coalesce(${of}, 0)`;
    return {
      ends: prepare(
        db
          .select({ least: end(sql`min(${key})`).as('least'), most: end(sql`max(${key})`).as('most') })
          .from(a)
          .where(of),
      ),
      newest: entries(desc(key)),
      oldest: entries(asc(key)),
    };
  };
  return { ofChain: by(a.number, eq(a.chain, $('chain'))), ofAll: by(a.id, undefined) };
}

function valuesOf({ actor, action, target, since = 0, until = Number.MAX_SAFE_INTEGER }: AuditFilter) {
  return {
    actor: actor ?? null,
    action: action ?? null,
    target: target ?? null,
    below: target === undefined ? null : `${target}/`,
    // In ASCII, the zero comes after the slash.
    beyond: target === undefined ? null : `${target}0`,
    since,
    until,
  };
}

export function auditLog(kit: Kit): AuditLog {
  const q = statements(kit);
  return {
    async read(chain, filter, place, limit) {
      const by = chain === undefined ? q.ofAll : q.ofChain;
      const of = chain === undefined ? {} : { chain };
      const { least, most } = (await first(kit, by.ends, of))!;
      const isOldest = place.order === 'oldest';
      const start = isOldest ? Math.max(place.after + 1, least) : Math.min((place.before ?? most + 1) - 1, most);
      const end = isOldest ? Math.min(start + EXAMINED - 1, most) : Math.max(start - EXAMINED + 1, least);
      const range = isOldest ? { from: start, to: end } : { from: end, to: start };
      const rows = await all(kit, by[place.order], { ...of, ...range, ...valuesOf(filter), limit });
      const entries = rows.map(({ id: _, diff, ...row }) => ({
        ...row,
        ...(diff !== null && { diff: JSON.parse(diff) }),
      }));
      const last = rows.length === limit ? rows.at(-1) : undefined;
      const next = last ? (chain === undefined ? last.id : last.number) : end;
      return { entries, ...((isOldest ? next < most : next > least) && { next }) };
    },
  };
}
