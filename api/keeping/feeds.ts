import { error, type Finding } from './finding.ts';

export interface FeedRow {
  seq: number;
  tenant: string;
  /** 0: the tenant was removed. */
  revision: number;
  base: number;
  leaves: number;
}

const SNAPSHOT = 'give the fleet another label and take it away again: its agents then take a snapshot';

/** Reads the rows of a fleet's feed in order, and reports events that agents would miss. */
export class FeedExamination {
  readonly #fleet: string;
  #last: number;
  /** First and last number of each run of missing rows. */
  #gaps: [number, number][] = [];
  #findings: Finding[] = [];
  readonly #told = new Map<string, FeedRow>();

  constructor(fleet: string, floor: number) {
    this.#fleet = `fleets/${fleet}`;
    this.#last = floor;
  }

  row(row: FeedRow): void {
    if (row.seq > this.#last + 1) this.#gaps.push([this.#last + 1, row.seq - 1]);
    this.#last = row.seq;
    if (row.revision === 0) {
      // A removed tenant's rows are deleted; only this row remains.
      this.#gaps = [];
      this.#told.delete(row.tenant);
      return;
    }
    const before = this.#told.get(row.tenant);
    if (before && !before.leaves && row.base > before.revision)
      this.#findings.push(
        error(
          this.#fleet,
          `its feed has nothing of '${row.tenant}' between revisions ${before.revision} and ${row.base}`,
          SNAPSHOT,
        ),
      );
    this.#told.set(row.tenant, row);
  }

  /**
   * @param ends of the feed: `told` before the rows were read, `floor` and `end` afterwards; rows up to the floor may
   *   have been pruned meanwhile
   * @param headOf the head of a tenant that the fleet serves; undefined when it serves none of that name
   */
  *conclude(
    { floor, told, end }: { floor: number; told: number; end: number },
    headOf: (tenant: string) => number | undefined,
  ): Generator<Finding> {
    if (this.#last < told) this.#gaps.push([this.#last + 1, told]);
    if (this.#last > end) yield error(this.#fleet, `its feed has row ${this.#last}, beyond its end ${end}`, SNAPSHOT);
    for (const [from, to] of this.#gaps)
      if (to > floor)
        yield error(
          this.#fleet,
          `its feed has no ${from === to ? `row ${from}` : `rows ${from} to ${to}`}, of those up to ${end}`,
          SNAPSHOT,
        );
    yield* this.#findings;
    for (const [tenant, { revision, leaves }] of this.#told) {
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
