import { eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Kit } from './query.ts';

/** Conditions on rows of `tenant`: those whose serving depends on another tenant. */
export interface Dependents {
  /** Selects the names of the tenants whose routes name gateways of an owner, whether or not they have attached hosts. */
  naming(owner: SQL): SQL;
  /** Whether the routes of a tenant name a parent for which the condition holds. @param parent makes it from the column */
  delegatedBy(parent: (column: SQL) => SQL): SQL;
}

/** Makes the conditions by which a batch finds the tenants that depend on the one it writes. */
export function dependents({ t }: Kit): Dependents {
  const { attachedHost: a, gatewayOwner: o, parentTenant: p } = t;
  return {
    // The previous version of the API writes only the attached hosts.
    naming: (owner) =>
      sql`(select ${o.tenant} from ${o} where ${eq(o.owner, owner)} union select ${a.tenant} from ${a} where ${eq(a.owner, owner)})`,
    delegatedBy: (parent) =>
      inArray(t.tenant.name, sql`(select ${p.tenant} from ${p} where ${parent(sql`${p.parent}`)})`),
  };
}
