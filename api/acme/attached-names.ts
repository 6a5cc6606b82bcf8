import { attachedNames, sharesAutomatic } from '../../model/binding/attached-names.ts';
import type { Services } from '../context.ts';
import { allItems } from '../every-item.ts';
import type { NameRow } from '../store/automatic.ts';
import type { Page } from '../store/query.ts';

/** The number of hosts that one query reads. */
const AT_ONCE = 1000;

/**
 * Brings the names up to date that other tenants attach to shared gateways of a tenant.
 *
 * @param row the row that a change of the tenant or of one of the others made due
 */
export async function attachNames({ store, heads, log }: Services, row: NameRow, now: number): Promise<void> {
  const { tenant } = row;
  try {
    const { head } = await heads.current(tenant);
    const { configuration } = head;
    const read = (page: Page) => store.attached.to(tenant, { after: '', ...page });
    const hosts = sharesAutomatic(configuration) ? await allItems(read, ({ host }) => host, AT_ONCE) : [];
    const byTenant = Map.groupBy(hosts, (each) => each.tenant);
    const attached = [...byTenant].map(([other, rows]) => [other, rows.map(({ host }) => host)] as const);
    await store.automatic.attach(row, attachedNames(configuration, tenant, attached), now);
  } catch (err) {
    // The row stays due, so the next run tries again.
    log.warn({ tenant, err }, 'the hosts that other tenants attach could not be read');
  }
}
