import { json } from './columns.ts';
import { error, type Finding } from './finding.ts';

export interface TokenRow {
  id: string;
  hash: string;
  tenant: string | null;
  fleet: string | null;
  scopes: string;
}

const REVOKE = 'revoke the token and create another one';

/** Finds tokens that allow nothing, or what their owner may not. */
export function* checkToken({ id, hash, tenant, fleet, scopes }: TokenRow): Generator<Finding> {
  const at = `tokens/${id}`;
  if (tenant !== null && fleet !== null) yield error(at, 'it belongs to a tenant and to a fleet', REVOKE);
  if (!/^[0-9a-f]{64}$/.test(hash)) yield error(at, 'its hash is damaged: nobody can use it', REVOKE);
  const listed = json(scopes);
  if (!Array.isArray(listed)) return yield error(at, 'its scopes are damaged: they are no list', REVOKE);
  if (listed.length === 0) yield error(at, 'it has no scopes: it allows nothing', REVOKE);
  const [owner, allowed] = scopesOf(tenant, fleet);
  const foreign = listed.filter((scope) => !allowed.includes(scope));
  if (foreign.length > 0)
    yield error(at, `it has the scopes ${foreign.join(', ')}, which a token of ${owner} does not have`, REVOKE);
}

function scopesOf(tenant: string | null, fleet: string | null): [owner: string, allowed: readonly unknown[]] {
  if (fleet !== null) return ['a fleet', ['agent']];
  return tenant === null ? ['the platform', ['operator']] : ['a tenant', ['read', 'write', 'admin']];
}
