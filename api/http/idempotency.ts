import type { Context } from '../context.ts';
import { Problem } from './problem.ts';
import { type AnyReply, Json } from './route.ts';

/**
 * Answers a repeated POST with what the first one answered. Kept bodies are sealed: the answer to "create a token" is a secret.
 * Failures are not kept, so that a retry after one is a new try. While the first one runs, in whichever process, a second is refused.
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
  const taken = await store.takeKey(owner, key, requestHash, ctx.now);
  if (taken === 'running') throw new Problem('idempotency-conflict', { headers: { 'retry-after': '1' } });
  if (taken !== 'taken') {
    if (taken.requestHash !== requestHash) throw new Problem('idempotency-key-reused');
    return replay(taken.status, taken.headers, await house.sealer.openText(taken.body, aad));
  }
  try {
    const reply = await run();
    const body = await house.sealer.sealText(Json.of(reply.body) ?? 'null', aad);
    await store.keepResponse(owner, key, { status: reply.status, headers: reply.headers ?? {}, body }, ctx.now);
    return reply;
  } catch (error) {
    await store.releaseKey(owner, key, ctx.now).catch(() => {});
    throw error;
  }
}

function replay(status: number, headers: Record<string, string>, body: string): AnyReply {
  const parsed: unknown = JSON.parse(body);
  return { status, headers: { ...headers, 'idempotency-replayed': 'true' }, ...(parsed !== null && { body: parsed }) };
}
