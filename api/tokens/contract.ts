import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import type { Access } from '../access/matrix.ts';
import { Id } from '../http/id.ts';
import { listing } from '../http/listing.ts';
import { contract } from '../http/route.ts';
import { PlainTokenCreate, PlatformTokenCreate, TenantTokenCreate, TokenCreated, TokenList } from './schema.ts';

/** One kind of owner of tokens: a tenant, a fleet, or the platform. */
interface Owner {
  path: string;
  params: z.ZodObject;
  /** The actions of those who list, create and revoke tokens. */
  read: Access;
  write: Access;
  revoke: Access;
  prefix: string;
  what: string;
}

/** Makes the contracts for the tokens of one kind of owner. `body` is the schema of a new token. */
function contractsFor({ path, params, read, write, revoke, prefix, what }: Owner, body: z.ZodType) {
  const tag = { name: 'Tokens', description: 'Opaque bearer tokens of tenants, agents and platform operators.' };
  return {
    create: contract({
      method: 'post',
      path,
      access: write,
      operationId: `create${prefix}Token`,
      tag,
      summary: `Create ${what}`,
      params,
      body: { schema: body },
      headers: ['Idempotency-Key'],
      ...(write === 'token:write' && { problems: ['too-many'] as const }),
      answers: { 201: { description: 'The token was created. Only this response contains it.', body: TokenCreated } },
    }),
    list: listing({
      path,
      access: read,
      operationId: `list${prefix}Tokens`,
      tag,
      summary: `List tokens: ${what}`,
      params,
      list: TokenList,
    }),
    revoke: contract({
      method: 'delete',
      path: `${path}/{id}`,
      access: revoke,
      operationId: `revoke${prefix}Token`,
      tag,
      summary: `Revoke ${what}`,
      params: params.extend({ id: Id }),
      answers: { 204: { description: 'The token was revoked. The API rejects it from now on.' } },
    }),
  };
}

export const tenantTokens = contractsFor(
  {
    path: '/v1/tenants/{tenant}/tokens',
    params: z.object({ tenant: Name }),
    read: 'token:read',
    write: 'token:write',
    revoke: 'token:revoke',
    prefix: 'Tenant',
    what: 'a token of a tenant',
  },
  TenantTokenCreate,
);
export const fleetTokens = contractsFor(
  {
    path: '/v1/fleets/{fleet}/tokens',
    params: z.object({ fleet: Name }),
    read: 'operator',
    write: 'operator',
    revoke: 'operator',
    prefix: 'Agent',
    what: "an agent's token",
  },
  PlainTokenCreate,
);
export const platformTokens = contractsFor(
  {
    path: '/v1/tokens',
    params: z.object({}),
    read: 'operator',
    write: 'operator',
    revoke: 'operator',
    prefix: 'Operator',
    what: "a platform operator's token",
  },
  PlatformTokenCreate,
);
