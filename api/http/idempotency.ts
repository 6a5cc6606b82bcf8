import type { Context } from '../context.ts';
import { Problem } from './problem.ts';
import { type AnyReply, Json } from './route.ts';

/** Keys being worked on in this process: a second request with the same key must not run beside the first. */
const running = new Set<string>();

/**
 * Answers a repeated POST with what the first one answered. Kept bodies are sealed: the answer to "create a token" is a secret.
 * Failures are not kept, so that a retry after one is a new try.
 *
 * @param fingerprint everything that makes two requests the same
 */
export async function idempotently(
  ctx: Context,
  key: string,
  fingerprint: string,
  run: () => Promise<AnyReply>,
): Promise<AnyReply> {
  if (!/^[!-~]{1,255}$/.test(key))
    throw new Problem('invalid-request', {
      violations: [
        { path: '/Idempotency-Key', code: 'invalid-header', message: 'must be 1 to 255 visible ASCII characters' },
      ],
    });
  const { store, house } = ctx;
  const owner = ctx.actor.id;
  const requestHash = await house.sha256(fingerprint);
  const aad = `idempotency/${owner}/${key}`;
  const kept = await store.idempotent(owner, key, ctx.now);
  if (kept) {
    if (kept.requestHash !== requestHash) throw new Problem('idempotency-key-reused');
    return replay(kept.status, kept.headers, await house.sealer.openText(kept.body, aad));
  }
  const lock = `${owner} ${key}`;
  if (running.has(lock)) throw new Problem('idempotency-conflict', { headers: { 'retry-after': '1' } });
  running.add(lock);
  try {
    const reply = await run();
    const body = await house.sealer.sealText(Json.of(reply.body) ?? 'null', aad);
    await store.rememberIdempotent(
      owner,
      key,
      { requestHash, status: reply.status, headers: reply.headers ?? {}, body },
      ctx.now,
    );
    return reply;
  } finally {
    running.delete(lock);
  }
}

function replay(status: number, headers: Record<string, string>, body: string): AnyReply {
  const parsed: unknown = JSON.parse(body);
  return { status, headers: { ...headers, 'idempotency-replayed': 'true' }, ...(parsed !== null && { body: parsed }) };
}
