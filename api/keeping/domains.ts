import { asc, gt } from 'drizzle-orm';
import { reversed } from '../store/hosts.ts';
import { $, all, prepare } from '../store/query.ts';
import { type Check, pages, ROWS_A_PAGE } from './check.ts';
import { error } from './finding.ts';

/** Finds domains whose derived columns differ from their name, which the queries of holders and hosts use. */
export const domains: Check = {
  tables: ['domain'],
  async *run({ kit }) {
    const { domain } = kit.t;
    // A token is random, so it is a key of the list.
    const page = prepare(
      kit.db
        .select({
          tenant: domain.tenant,
          name: domain.name,
          token: domain.token,
          reversed: domain.reversed,
          held: domain.held,
        })
        .from(domain)
        .where(gt(domain.token, $('after')))
        .orderBy(asc(domain.token))
        .limit($('limit')),
    );
    const rows = pages(
      (after) => all(kit, page, { after, limit: ROWS_A_PAGE }),
      ({ token }) => token,
      '',
    );
    for await (const row of rows) {
      const at = `tenants/${row.tenant}/domains/${row.name}`;
      const claimAgain = 'give up the domain and claim it again';
      if (row.reversed !== reversed(row.name)) yield error(at, 'its reversed name is damaged', claimAgain);
      if (row.held !== null && row.held !== row.name) yield error(at, 'it holds another domain', claimAgain);
    }
  },
};
