import { asc, gt } from 'drizzle-orm';
import { $, all, prepare } from '../store/query.ts';
import { type Check, pages, ROWS_A_PAGE } from './check.ts';
import { error, type Finding } from './finding.ts';
import { json } from './json.ts';

interface TokenRow {
  id: string;
  hash: string;
  tenant: string | null;
  fleet: string | null;
  scopes: string;
}

const REVOKE = 'revoke the token and create another one';

/** Finds tokens that allow nothing, and tokens with scopes that their owner cannot have. */
export const tokens: Check = {
  tables: ['token'],
  async *run({ kit }) {
    const { token } = kit.t;
    const page = prepare(
      kit.db
        .select({ id: token.id, hash: token.hash, tenant: token.tenant, fleet: token.fleet, scopes: token.scopes })
        .from(token)
        .where(gt(token.id, $('after')))
        .orderBy(asc(token.id))
        .limit($('limit')),
    );
    const rows = pages(
      (after) => all(kit, page, { after, limit: ROWS_A_PAGE }),
      ({ id }) => id,
      '',
    );
    for await (const row of rows) yield* checkToken(row);
  },
};

function* checkToken({ id, hash, tenant, fleet, scopes }: TokenRow): Generator<Finding> {
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
  return tenant === null ? ['the platform', ['operator', 'support']] : ['a tenant', ['read', 'write', 'admin']];
}
