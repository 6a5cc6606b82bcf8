import { eq, sql } from 'drizzle-orm';
import type { RawRow, Statement } from './driver.ts';
import { $, $int, $text, type Kit, prepare } from './query.ts';

/** A row of one fleet's feed. */
export interface NewFeedRow {
  fleet: string;
  /** 0: agents get the whole configuration. */
  base: number;
  /** Whether the fleet no longer serves the tenant. */
  leaves: boolean;
}

/** What all rows of a batch have in common. */
interface Shared {
  tenant: string;
  /** The revision of the event. */
  number: number;
  createdAt: number;
  /** The upstreams whose registered endpoints the rows concern. */
  upstreams: readonly string[];
  /** The names whose automatic certificates the rows concern. */
  issued?: readonly string[];
}

/** Writes the feed rows of a batch. */
export interface FeedRows {
  /** Makes the statements that write these rows. They must be the last of their batch. */
  statements(rows: readonly NewFeedRow[], shared: Shared): Statement[];
  /** Returns the number that each row got in its feed, from the results of the batch. */
  seqs(rows: readonly NewFeedRow[], results: RawRow[][]): { fleet: string; seq: number }[];
}

export function feedRows({ db, t }: Kit): FeedRows {
  const ofFleet = eq(t.fleet.name, $('fleet'));
  const next = prepare(
    db
      .update(t.fleet)
      .set({ seq: sql`${t.fleet.seq} + 1` })
      .where(ofFleet),
  );
  const insert = prepare(
    db
      .insert(t.feed)
      .select(
        db
          .select({
            fleet: t.fleet.name,
            seq: t.fleet.seq,
            tenant: $text('tenant').as('tenant'),
            revision: $int('number').as('revision'),
            base: $int('base').as('base'),
            leaves: $int('leaves').as('leaves'),
            createdAt: $int('createdAt').as('created_at'),
            upstreams: $text('upstreams').as('upstreams'),
            issued: $text('issued').as('issued'),
          })
          .from(t.fleet)
          .where(ofFleet),
      )
      .returning({ fleet: t.feed.fleet, seq: t.feed.seq }),
  );
  return {
    statements(rows, { upstreams, issued = [], ...shared }) {
      const named = upstreams.length > 0 ? JSON.stringify(upstreams) : null;
      const names = issued.length > 0 ? JSON.stringify(issued) : null;
      // Every batch writes the fleets in the same order. Otherwise two batches could wait for each other's fleets.
      return rows
        .toSorted((a, b) => (a.fleet < b.fleet ? -1 : 1))
        .flatMap(({ fleet, base, leaves }) => [
          next.with({ fleet }),
          insert.with({ ...shared, fleet, base, leaves: Number(leaves), upstreams: named, issued: names }),
        ]);
    },
    seqs: (rows, results) => insert.rows(results.slice(results.length - 2 * rows.length).flat()),
  };
}
