import { and, eq, inArray, isNotNull, ne, sql } from 'drizzle-orm';
import type { Commit } from './commit.ts';
import type { Statement } from './driver.ts';
import { prefixesOf } from './hosts.ts';
import { parts } from './parts.ts';
import { $, guard, type Kit } from './query.ts';

/**
 * Makes the condition that a domain is below the prefix `item` (`prefixBelow`), and another tenant than `$tenant` holds
 * it.
 */
export function isOthersBelow({ t: { domain: d } }: Pick<Kit, 't'>) {
  const item = sql.raw('item');
  // `~` sorts after every character of a host.
  const inRange = sql`${d.reversed} >= ${item} and ${d.reversed} < ${item} || '~'`;
  return and(inRange, isNotNull(d.held), ne(d.tenant, $('tenant')));
}

/** Makes the guards of a commit that claims hosts: the domains of the hosts are still held by those who held them. */
export function domainGuards(kit: Kit): (commit: Pick<Commit, 'tenant' | 'domains'>) => Statement[] {
  const { t, x } = kit;
  const item = sql.raw('item');
  const d = t.domain;
  const listed = inArray(d.held, sql`(select ${item} from ${x.items($('names'))})`);
  const other = sql`select 1 from ${d} where ${and(listed, ne(d.tenant, $('tenant')))}`;
  const mine = sql`select 1 from ${d} where ${and(eq(d.held, item), eq(d.tenant, $('tenant')))}`;
  const isHeld = guard(kit, 'host', sql`not exists (select 1 from ${x.items($('names'))} where not exists (${mine}))`);
  const isFree = guard(kit, 'host', sql`not exists (${other})`);
  const isFreeBelow = guard(
    kit,
    'host',
    sql`not exists (select 1 from ${x.items($('prefixes'))} cross join ${d} where ${isOthersBelow(kit)})`,
  );
  return ({ tenant, domains }) =>
    domains === undefined
      ? []
      : [
          ...parts(domains.held).map((names) => isHeld.with({ tenant, names })),
          ...parts(domains.free).map((names) => isFree.with({ tenant, names })),
          ...parts(prefixesOf(domains.wildcards)).map((prefixes) => isFreeBelow.with({ tenant, prefixes })),
        ];
}
