/**
 * The schemas of tokens in requests and responses. The contracts, the views and the store's rows derive their types
 * from these schemas.
 */
import { z } from 'zod';
import { line } from '../../model/values/shown-text.ts';
import { PlatformRole } from '../members/schema.ts';
import { KindName } from '../revisions/schema.ts';
import { pageOf } from '../view.ts';

const description = line(200);
const expiresAt = z.iso.datetime({ offset: true });

export const Token = z
  .object({
    id: z.string(),
    description: z.string(),
    scopes: z.array(z.enum(['read', 'write', 'admin', 'agent', 'operator', 'support'])),
    kinds: z
      .array(KindName)
      .optional()
      .meta({ description: 'The kinds of resources that the token may write. Absent: all that its scopes permit.' }),
    prefix: z.string().meta({ description: 'The first characters of the token.' }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().optional(),
    revokedAt: z.iso.datetime().optional(),
    lastUsedAt: z.iso.datetime().optional().meta({ description: 'The time of the last use, exact to some minutes.' }),
    createdBy: z.string().optional().meta({
      description: 'Who created the token, such as `person:<id>`. It never permits more than a person who created it.',
    }),
  })
  .meta({ id: 'Token', description: 'The stored data about a token, which do not include the token itself.' });
export type TokenView = z.infer<typeof Token>;

export const TokenCreated = Token.extend({
  token: z.string().meta({ description: 'The token. No later response contains it.' }),
}).meta({ id: 'TokenCreated' });
export const TokenList = pageOf(Token, 'TokenList');

const base = { description: description.optional(), expiresAt: expiresAt.optional() };
export const TenantTokenCreate = z
  .strictObject({
    ...base,
    scopes: z
      .array(z.enum(['read', 'write', 'admin']))
      .min(1)
      .max(3),
    kinds: z
      .array(KindName)
      .min(1)
      .optional()
      .meta({ description: 'The only kinds of resources that the token may write. Not together with `admin`.' }),
  })
  .refine(({ scopes, kinds }) => kinds === undefined || !scopes.includes('admin'), {
    path: ['kinds'],
    message: 'must be absent with the scope admin, which is not limited to kinds',
  })
  .meta({
    id: 'TenantTokenCreate',
    description:
      '`admin` implies `write`, `write` implies `read`. A token that is created by another one expires with it at the latest, and is revoked with it.',
    example: { description: 'deployments', scopes: ['write'], expiresAt: '2099-12-31T23:59:59Z' },
  });
export const PlainTokenCreate = z.strictObject(base).meta({
  id: 'TokenCreate',
  example: { description: 'machine edge-1', expiresAt: '2099-12-31T23:59:59Z' },
});
export const PlatformTokenCreate = z
  .strictObject({
    ...base,
    scopes: z
      .array(PlatformRole)
      .length(1)
      .optional()
      .meta({ description: 'What the token permits. Default: `["operator"]`.' }),
  })
  .meta({
    id: 'PlatformTokenCreate',
    example: { description: 'on call', scopes: ['support'], expiresAt: '2099-12-31T23:59:59Z' },
  });
