import { type Sha256, sha256 } from '../access/authenticate.ts';
import type { Store } from '../store/port.ts';

/** The first operator has nobody to ask for a token: it comes from the settings, and only its hash is kept. */
export async function registerOperator(store: Store, token: string, digest: Sha256 = sha256): Promise<void> {
  const hashed = await digest(token);
  if (await store.tokenByHash(hashed)) return;
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
  await store.createToken(kept, hashed, audit).catch(async (error: unknown) => {
    // Another process, started with this one, was first.
    if (!(await store.tokenByHash(hashed))) throw error;
  });
}
