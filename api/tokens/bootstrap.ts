import { type Sha256, sha256 } from '../access/authenticate.ts';
import { everyItem } from '../every-item.ts';
import type { Store } from '../store/store.ts';

/**
 * Stores the first token of an operator. No operator exists who could create it, so the token comes from the settings.
 * The store gets only the hash of the token. Does nothing when the store already has the token.
 */
export async function registerOperator(store: Store, token: string, digest: Sha256 = sha256): Promise<void> {
  const hashed = await digest(token);
  if (await store.tokens.findByHash(hashed)) return;
  const now = Date.now();
  const kept = {
    id: crypto.randomUUID(),
    description: 'bootstrap, from the settings',
    scopes: ['operator' as const],
    createdAt: now,
    prefix: token.slice(0, 6),
  };
  const audit = {
    actor: 'settings',
    action: 'create',
    target: `tokens/${kept.id}`,
    at: now,
    requestId: 'start',
    remote: '',
  };
  await store.tokens.create(kept, hashed, audit).catch(async (error: unknown) => {
    // Another process that started at the same time has stored the token.
    if (!(await store.tokens.findByHash(hashed))) throw error;
  });
}

/**
 * @returns whether a token of an operator is valid now. Without such a token, nobody can create a tenant or a token.
 */
export async function hasOperator(store: Store, now = Date.now()): Promise<boolean> {
  const tokens = everyItem(
    (page) => store.tokens.list('platform', page),
    ({ id }) => id,
  );
  for await (const { scopes, revokedAt, expiresAt } of tokens)
    if (scopes.includes('operator') && revokedAt === undefined && (expiresAt === undefined || expiresAt > now))
      return true;
  return false;
}
