import { and, eq, ne, sql } from 'drizzle-orm';
import { stillHas } from './authors.ts';
import type { Statement } from './driver.ts';
import { $, $int, $text, guard, type Kit } from './query.ts';

/** A person who is to own a tenant. */
export interface NewOwner {
  person: string;
  /** The number of tenants that a person may own. It does not limit what operators decide. */
  most: number;
}

/**
 * Makes the guard that a person owns fewer other tenants than allowed. The batch must hold the lock of the person
 * alone. If the person owns as many, the batch breaks the guard `owner`.
 *
 * @param granter whoever decides that the person becomes an owner, as the audit log names callers
 */
export function ownershipRoom(kit: Kit): (tenant: string, owner: NewOwner, granter: string) => Statement {
  const { member } = kit.t;
  const isOwner = and(eq(member.person, $('person')), eq(member.role, sql`'owner'`), ne(member.tenant, $('tenant')));
  const owned = sql`(select count(*) from ${member} where ${isOwner})`;
  const isGrantedByOperator = stillHas(kit, $text('granter'), sql`null`, ['owner']);
  const hasRoom = guard(kit, 'owner', sql`${owned} < ${$int('most')} or ${isGrantedByOperator}`);
  return (tenant, { person, most }, granter) => hasRoom.with({ tenant, person, most, granter });
}
