import { and, asc, eq, gt } from 'drizzle-orm';
import { $, all, first, type Kit, prepare } from '../store/query.ts';
import { type Check, pages, ROWS_A_PAGE } from './check.ts';
import { error, type Finding } from './finding.ts';

interface FeedRow {
  seq: number;
  tenant: string;
  /** The revision of the event. 0 means that the tenant was removed. */
  revision: number;
  base: number;
  leaves: number;
}

const SNAPSHOT = 'give the fleet another label and remove the label again: its agents then read a snapshot';

/** Finds gaps in the feeds of fleets, and rows about revisions that do not exist yet. */
export const feeds: Check = {
  tables: ['feed'],
  async *run({ kit, fleets, known }) {
    const q = statements(kit);
    for (const { name: fleet } of fleets) {
      const before = await first(kit, q.ends, { fleet });
      if (!before) continue;
      const examination = new FeedExamination(fleet, before.floor);
      const rows = pages(
        (after) => all(kit, q.feed, { fleet, after, limit: ROWS_A_PAGE }),
        ({ seq }) => seq,
        before.floor,
      );
      for await (const row of rows) examination.row(row);
      const after = await first(kit, q.ends, { fleet });
      const headOf = (tenant: string) => {
        const found = known.get(tenant);
        return found?.served.has(fleet) ? found.head : undefined;
      };
      if (after) yield* examination.conclude({ floor: after.floor, given: before.seq, end: after.seq }, headOf);
    }
    for (const { fleet, tenant, revision } of await all(kit, q.early, {}))
      yield error(
        `fleets/${fleet}`,
        `its feed has revision ${revision} of '${tenant}', which is not there yet`,
        'stop the API and run `npx gatehouse store advance`',
      );
  },
};

function statements({ db, t: { fleet, feed, tenant } }: Kit) {
  return {
    ends: prepare(
      db
        .select({ seq: fleet.seq, floor: fleet.floor })
        .from(fleet)
        .where(eq(fleet.name, $('fleet'))),
    ),
    feed: prepare(
      db
        .select({ seq: feed.seq, tenant: feed.tenant, revision: feed.revision, base: feed.base, leaves: feed.leaves })
        .from(feed)
        .where(and(eq(feed.fleet, $('fleet')), gt(feed.seq, $('after'))))
        .orderBy(asc(feed.seq))
        .limit($('limit')),
    ),
    /** Rows of the feed about revisions that do not exist yet. */
    early: prepare(
      db
        .select({ fleet: feed.fleet, tenant: feed.tenant, revision: feed.revision })
        .from(feed)
        .innerJoin(tenant, eq(tenant.name, feed.tenant))
        .where(gt(feed.revision, tenant.revision))
        .limit(100),
    ),
  };
}

/** Reads the rows of a fleet's feed in order, and reports events that agents would miss. */
class FeedExamination {
  readonly #fleet: string;
  #last: number;
  /** The first and the last number of each run of missing rows. */
  #gaps: [number, number][] = [];
  #findings: Finding[] = [];
  readonly #latest = new Map<string, FeedRow>();

  constructor(fleet: string, floor: number) {
    this.#fleet = `fleets/${fleet}`;
    this.#last = floor;
  }

  row(row: FeedRow): void {
    if (row.seq > this.#last + 1) this.#gaps.push([this.#last + 1, row.seq - 1]);
    this.#last = row.seq;
    if (row.revision === 0) {
      // When a tenant is removed, all its feed rows are deleted except this one, so the missing rows before it are no
      // fault.
      this.#gaps = [];
      this.#latest.delete(row.tenant);
      return;
    }
    const before = this.#latest.get(row.tenant);
    if (before && !before.leaves && row.base > before.revision)
      this.#findings.push(
        error(
          this.#fleet,
          `its feed has nothing of '${row.tenant}' between revisions ${before.revision} and ${row.base}`,
          SNAPSHOT,
        ),
      );
    this.#latest.set(row.tenant, row);
  }

  /**
   * Reports the gaps, and tenants whose last event is not their head.
   *
   * @param ends the ends of the feed: `given` is the last number before the rows were read; `floor` and `end` were read
   *   afterwards, and rows up to the floor may have been pruned meanwhile
   * @param headOf returns the head of a tenant that the fleet serves; undefined when the fleet serves no tenant of that
   *   name
   */
  *conclude(
    { floor, given, end }: { floor: number; given: number; end: number },
    headOf: (tenant: string) => number | undefined,
  ): Generator<Finding> {
    if (this.#last < given) this.#gaps.push([this.#last + 1, given]);
    if (this.#last > end) yield error(this.#fleet, `its feed has row ${this.#last}, beyond its end ${end}`, SNAPSHOT);
    for (const [from, to] of this.#gaps)
      if (to > floor)
        yield error(
          this.#fleet,
          `its feed has no ${from === to ? `row ${from}` : `rows ${from} to ${to}`}, of those up to ${end}`,
          SNAPSHOT,
        );
    yield* this.#findings;
    for (const [tenant, { revision, leaves }] of this.#latest) {
      const head = headOf(tenant);
      if (!leaves && head !== undefined && revision < head)
        yield error(
          this.#fleet,
          `its feed ends at revision ${revision} of '${tenant}', whose head is ${head}`,
          SNAPSHOT,
        );
    }
  }
}
