import type { Sha256 } from '../access/authenticate.ts';
import type { Sealer } from '../secrets/seal.ts';
import type { Name } from '../store/dialect.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Kit } from '../store/query.ts';
import type { TableName } from '../store/tables/index.ts';
import type { Finding } from './finding.ts';

/** One of doctor's checks: faults that it finds in some tables of a store. */
export interface Check {
  /** The tables whose rows it judges. */
  readonly tables: readonly TableName[];
  /** Runs the check. It only reads, one page at a time. */
  run(examination: Examination): AsyncGenerator<Finding>;
}

export interface Examined {
  tenants: number;
  revisions: number;
}

/**
 * A running examination. It contains the inputs of the checks, and the facts that later checks need from earlier ones.
 */
export interface Examination {
  readonly dialect: Name;
  readonly kit: Kit;
  readonly digest: Sha256;
  /** Decrypts private keys. Without it, doctor only checks that they exist. */
  readonly sealer: Sealer | undefined;
  /** Called after each page of tenants. */
  readonly seen: (so_far: Examined) => void;
  /** The fleets whose rows could be read. */
  fleets: readonly Fleet[];
  /** The head of each tenant, and the fleets that serve the tenant. */
  readonly known: Map<string, { head: number; served: ReadonlySet<string> }>;
}

export const ROWS_A_PAGE = 1000;

/** Reads every row in pages, in the order of a text or number key. */
export async function* pages<R>(
  read: (after: string | number) => Promise<R[]>,
  keyOf: (row: R) => string | number,
  before: string | number,
): AsyncGenerator<R> {
  for (let after = before; ; ) {
    const rows = await read(after);
    yield* rows;
    if (rows.length < ROWS_A_PAGE) return;
    after = keyOf(rows.at(-1)!);
  }
}
