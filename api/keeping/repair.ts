import { and, eq, sql } from 'drizzle-orm';
import type { Name } from '../store/dialect.ts';
import type { Driver } from '../store/driver.ts';
import { $, kit as kitOf, prepare } from '../store/query.ts';
import type { Finding } from './finding.ts';

const UPDATES_PER_BATCH = 200;

/**
 * Gives revisions the hash of what they hold. An earlier version wrote other hashes when writers of one tenant met: its
 * rows were right. A tenant whose history has any other fault is left as it is, for then a hash may be the only sign of
 * what was lost.
 *
 * @param findings what an examination found
 * @returns those that are repaired
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
