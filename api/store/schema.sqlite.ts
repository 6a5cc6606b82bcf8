/** What drizzle-kit reads to generate `migrations/sqlite`. */
import { columns } from './dialect.ts';
import { tables } from './schema.ts';

export const {
  tenant,
  revision,
  resourceVersion,
  sealedKey,
  hostClaim,
  fleet,
  fleetCounter,
  feed,
  node,
  rejection,
  token,
  audit,
  idempotency,
  guard,
} = tables(columns.sqlite);
