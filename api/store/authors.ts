import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { TenantRole } from '../members/schema.ts';
import type { Kit } from './query.ts';

/**
 * Makes the condition that the author of a row may still do what needs one of these roles in a tenant. An operator may.
 * A token of the tenant or of the platform may while it is not revoked, and while the person who limits it may.
 *
 * @param author `person:<id>` or `token:<id>`, as the audit log names callers
 * @param tenant the tenant; null for what only operators may do
 */
export function stillHas({ t }: Kit, author: SQLWrapper, tenant: SQLWrapper, roles: readonly TenantRole[]): SQL {
  const { member, person, token } = t;
  const allowed = sql.join(
    roles.map((role) => sql`${role}`),
    sql`, `,
  );
  const has = (id: SQLWrapper) =>
    sql`(exists (select 1 from ${member} where ${member.tenant} = ${tenant} and ${member.person} = ${id} and ${member.role} in (${allowed})) or exists (select 1 from ${person} where ${person.id} = ${id} and ${person.role} = 'operator'))`;
  const after = (prefix: string) => sql`substr(${author}, ${sql.raw(String(prefix.length + 1))})`;
  const isOfTenant = sql`${token.fleet} is null and (${token.tenant} is null or ${token.tenant} = ${tenant})`;
  return sql`(${author} like 'person:%' and ${has(after('person:'))} or exists (select 1 from ${token} where ${author} like 'token:%' and ${token.id} = ${after('token:')} and ${isOfTenant} and ${token.revokedAt} is null and (${token.person} is null or ${has(token.person)})))`;
}
