import { type Operation, operation } from '../http/route.ts';
import type { Token as Row, TokenOwner } from '../store/tokens.ts';
import { viewOf } from '../view.ts';
import { fleetTokens, platformTokens, tenantTokens } from './contract.ts';
import { create } from './create.ts';
import { list } from './list.ts';
import { revoke } from './revoke.ts';
import { Token } from './schema.ts';

const view = viewOf(Token);

const created = ({ token, ...kept }: Row & { token: string }) => ({
  status: 201 as const,
  body: { ...view(kept), token },
});

interface CreateBody {
  scopes?: Row['scopes'];
  kinds?: Row['kinds'];
  description?: string;
  expiresAt?: string;
}

/**
 * Makes the operations on the tokens of one kind of owner.
 *
 * @param scopes the scopes of a new token, if the body contains none
 */
function routesFor(
  contracts: typeof tenantTokens,
  ownerOf: (params: Record<string, unknown>) => TokenOwner,
  scopes: Row['scopes'],
): Operation[] {
  return [
    operation(contracts.create, async (ctx, { params, body }) => {
      const input = { scopes, ...(body as CreateBody), owner: ownerOf(params) };
      return created(await create(ctx, input, created));
    }),
    operation(contracts.list, async (ctx, { params, query }) => {
      const { items, next } = await list(ctx, { owner: ownerOf(params), ...query });
      return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
    }),
    operation(contracts.revoke, async (ctx, { params }) => {
      await revoke(ctx, { owner: ownerOf(params), id: String(params.id) });
      return { status: 204 };
    }),
  ];
}

/** The operations on the tokens of tenants, fleets and the platform. */
export const tokenRoutes = (): Operation[] => [
  ...routesFor(tenantTokens, ({ tenant }) => ({ tenant: String(tenant) }), []),
  ...routesFor(fleetTokens, ({ fleet }) => ({ fleet: String(fleet) }), ['agent']),
  ...routesFor(platformTokens, () => 'platform', ['operator']),
];
