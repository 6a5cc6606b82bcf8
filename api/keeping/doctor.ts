import type { Sha256 } from '../access/authenticate.ts';
import type { Sealer } from '../secrets/seal.ts';
import type { Name } from '../store/dialect.ts';
import type { Driver } from '../store/driver.ts';
import { kit } from '../store/query.ts';
import { audit } from './audit.ts';
import type { Check, Examined } from './check.ts';
import { attachedOverlaps, overlaps } from './claims.ts';
import { domains } from './domains.ts';
import { feeds } from './feeds.ts';
import { file } from './file.ts';
import type { Finding } from './finding.ts';
import { fleets } from './fleets.ts';
import { members } from './members.ts';
import { sealing } from './sealing.ts';
import { strays } from './strays.ts';
import { tenants } from './tenants.ts';
import { tokens } from './tokens.ts';

/** The checks, in their order. The check of the tenants needs the fleets, and the check of the feeds needs both. */
export const CHECKS: readonly Check[] = [
  file,
  sealing,
  fleets,
  tenants,
  overlaps,
  attachedOverlaps,
  feeds,
  tokens,
  domains,
  members,
  audit,
  strays,
];

/**
 * Finds the faults of a store, and yields each one immediately. Faults are damaged files, revisions whose content
 * differs from the published one, wrong derived columns, claims that overlap or that no gateway needs, missing or
 * damaged keys, tokens that allow nothing, roles that do not exist, gaps in the feed, changes of the audit log, and rows
 * without an owner. The function only reads, one page at a time.
 *
 * @param seen called after each page of tenants
 * @param sealer decrypts private keys; without it, doctor only checks that they exist
 */
export async function* examine(
  dialect: Name,
  driver: Driver,
  digest: Sha256,
  seen: (so_far: Examined) => void = () => {},
  sealer?: Sealer,
): AsyncGenerator<Finding> {
  const examination = { dialect, kit: kit(dialect, driver), digest, sealer, seen, fleets: [], known: new Map() };
  for (const check of CHECKS) yield* check.run(examination);
}
