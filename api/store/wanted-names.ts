import type { AutomaticName } from '../../model/automatic-certificates.ts';
import type { Statement } from './driver.ts';
import { keepNames } from './kept-names.ts';
import type { Kit } from './query.ts';

/**
 * Makes the statements that bring the names of a tenant's own servers up to date with its configuration. They belong to
 * the batch of the commit that changes the names.
 */
export function wanting(
  kit: Kit,
): (commit: { tenant: string; automatic?: readonly AutomaticName[]; createdAt: number }) => Statement[] {
  const keep = keepNames(kit, { attached: 0 });
  return ({ tenant, automatic, createdAt }) => (automatic ? keep(tenant, automatic, createdAt) : []);
}
