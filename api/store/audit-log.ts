import { and, desc, eq, gte, lt, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { AuditDiff } from './audit.ts';
import { $, $int, $text, all, first, type Kit, prepare } from './query.ts';

/** An entry of the audit log. */
export interface AuditEntry {
  /** The name of the chain; empty in entries that were written before there were chains. */
  chain: string;
  /** The number of the entry in its chain. */
  number: number;
  actor: string;
  action: string;
  target: string;
  at: number;
  requestId: string;
  remote: string;
  diff?: AuditDiff;
  /** The hash of the entry before it in its chain, and its own, in hex. */
  previous: string;
  hash: string;
}

/** The entries that a reader wants. Absent members exclude none. */
interface AuditFilter {
  actor?: string;
  action?: string;
  /** The target, or a path above it. */
  target?: string;
  /** The range of times in milliseconds since 1970: from `since`, and before `until`. */
  since?: number;
  until?: number;
}

/** A part of the log: the entries with keys below `before`. */
interface AuditPart {
  entries: AuditEntry[];
  /** The key below which the next part begins. Absent when this part is the last. */
  next?: number;
}

/** Reads the audit log, the newest entry first. */
export interface AuditLog {
  /**
   * Reads at most `limit` entries. A part may have fewer entries, or none, although it is not the last one, because a
   * call examines only some thousands of entries.
   *
   * @param chain the chain to read; absent for the entries of all chains
   * @param before the key of the previous part; absent for the newest entries
   */
  read(chain: string | undefined, filter: AuditFilter, page: { limit: number; before?: number }): Promise<AuditPart>;
}

/** The number of entries that one call examines. */
const EXAMINED = 5_000;

function statements({ db, t: { audit: a } }: Kit) {
  const wanted = (name: string, condition: SQL) => or(sql`${$text(name)} is null`, condition);
  const from = (key: SQLWrapper, of: SQL | undefined) => ({
    ends: prepare(
      db
        .select({
          from: sql<number>`coalesce(min(${key}), 0)`.as('from'),
          to: sql<number>`coalesce(max(${key}), 0)`.as('to'),
        })
        .from(a)
        .where(of),
    ),
    entries: prepare(
      db
        .select()
        .from(a)
        .where(
          and(
            of,
            sql`${key} < ${$int('before')} and ${key} >= ${$int('from')}`,
            wanted('actor', eq(a.actor, $text('actor'))),
            wanted('action', eq(a.action, $text('action'))),
            wanted(
              'target',
              or(eq(a.target, $text('target')), and(gte(a.target, $text('below')), lt(a.target, $text('beyond'))))!,
            ),
            gte(a.at, $('since')),
            lt(a.at, $('until')),
          ),
        )
        .orderBy(desc(key))
        .limit($('limit')),
    ),
  });
  return { chain: from(a.number, eq(a.chain, $('chain'))), all: from(a.id, undefined) };
}

export function auditLog(kit: Kit): AuditLog {
  const q = statements(kit);
  return {
    async read(chain, { actor, action, target, since = 0, until = Number.MAX_SAFE_INTEGER }, { limit, before }) {
      const { ends, entries } = chain === undefined ? q.all : q.chain;
      const of = chain === undefined ? {} : { chain };
      const { from, to } = (await first(kit, ends, of))!;
      const upTo = Math.min(before ?? to + 1, to + 1);
      const least = Math.max(from, upTo - EXAMINED);
      const rows = await all(kit, entries, {
        ...of,
        before: upTo,
        from: least,
        actor: actor ?? null,
        action: action ?? null,
        target: target ?? null,
        below: target === undefined ? null : `${target}/`,
        // The character after the slash.
        beyond: target === undefined ? null : `${target}0`,
        since,
        until,
        limit,
      });
      const found = rows.map(({ id: _, diff, ...entry }) => ({
        ...entry,
        ...(diff !== null && { diff: JSON.parse(diff) as AuditDiff }),
      }));
      const last = rows.at(-1);
      if (rows.length === limit && last) {
        const key = chain === undefined ? last.id : last.number;
        return key > from ? { entries: found, next: key } : { entries: found };
      }
      return least > from ? { entries: found, next: least } : { entries: found };
    },
  };
}
