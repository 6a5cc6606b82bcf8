import { and, eq, sql } from 'drizzle-orm';
import type { Name } from '../store/dialect.ts';
import type { Driver } from '../store/driver.ts';
import { $, kit as kitOf, prepare } from '../store/query.ts';
import type { Finding } from './finding.ts';

const UPDATES_PER_BATCH = 200;

/**
 * Replaces wrong hashes of revisions with the hash of their content. An earlier version stored wrong hashes when two
 * writers of one tenant were concurrent, although its rows were correct. If the history of a tenant has any other
 * fault, its hashes are not replaced, because a hash may then be the only sign of lost data.
 *
 * @param findings the findings of an examination
 * @returns the findings that were repaired
 */
export async function repairHashes(dialect: Name, driver: Driver, findings: readonly Finding[]): Promise<Finding[]> {
  const { db, t } = kitOf(dialect, driver);
  const update = prepare(
    db
      .update(t.revision)
      .set({ contentHash: sql`${$('content')}` })
      .where(
        and(
          eq(t.revision.tenant, $('tenant')),
          eq(t.revision.number, $('revision')),
          eq(t.revision.contentHash, $('published')),
        ),
      ),
  );
  const faulty = new Set(findings.filter(isOfHistory).map(tenantOf));
  const repaired = findings.filter((finding) => finding.rehash && !faulty.has(finding.rehash.tenant));
  for (let from = 0; from < repaired.length; from += UPDATES_PER_BATCH)
    await driver.batch(repaired.slice(from, from + UPDATES_PER_BATCH).map(({ rehash }) => update.with({ ...rehash! })));
  return repaired;
}

const isOfHistory = ({ at, severity, rehash }: Finding): boolean =>
  severity === 'error' && rehash === undefined && /^tenants\/[^/]+\/revisions\//.test(at);

const tenantOf = ({ at }: Finding): string => at.split('/')[1]!;
