import { type Sha256, sha256 } from '../access/authenticate.ts';
import type { Store } from '../store/store.ts';

/** The first operator has nobody to ask for a token: it comes from the settings, and only its hash is kept. */
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
    // Another process, started with this one, was first.
    if (!(await store.tokens.findByHash(hashed))) throw error;
  });
}

/** Tokens per page when looking for an operator's. */
const PAGE = 500;

/** @returns whether some token of an operator is valid now; without one, nobody can create a tenant or another token */
export async function hasOperator(store: Store, now = Date.now()): Promise<boolean> {
  for (let after: string | undefined; ; ) {
    const tokens = await store.tokens.list('platform', { limit: PAGE, ...(after !== undefined && { after }) });
    const isValid = ({ scopes, revokedAt, expiresAt }: (typeof tokens)[number]) =>
      scopes.includes('operator') && revokedAt === undefined && (expiresAt === undefined || expiresAt > now);
    if (tokens.some(isValid)) return true;
    if (tokens.length < PAGE) return false;
    after = tokens.at(-1)!.id;
  }
}
