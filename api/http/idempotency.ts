import type { Keep, Services } from '../context.ts';
import { Problem } from '../problem.ts';
import { Json, type Reply } from '../reply.ts';
import { replyContext } from '../secrets/contexts.ts';
import { type IdempotencyKey, lostKey } from '../store/idempotency.ts';

/** The replies that are kept for a tenant, or for a caller whose requests have none: 24 hours, up to 120 MB. */
const KEPT = {
  policy: 'kept-replies',
  unit: 'bytes of replies that are kept for an Idempotency-Key',
  perSecond: 1024,
  burst: 2 ** 25,
};

/**
 * Answers a repeated POST with the reply to the first one. The batch of a change also stores the reply (`ctx.record`),
 * so a crash loses both or neither. Stored bodies are encrypted, because the reply to "create a token" is a secret.
 * Replies to requests that failed or wrote nothing are not stored, so a retry runs the request again. While the first
 * request runs, in any process, a second one is rejected.
 *
 * @param of the key, and the id of the caller, because each caller has its own keys. All that is kept for the tenant, or
 *   for a caller whose requests have none, counts together.
 * @param fingerprint a text that is equal for two requests only if they are the same request
 * @throws Problem `idempotency-conflict` while the first request runs, and `idempotency-key-reused` when it was another
 *   request
 * @throws Problem `too-many-requests` when much is kept for the tenant already; nothing is written then
 */
export async function idempotently(
  services: Services,
  of: IdempotencyKey,
  fingerprint: string,
  run: (keep: Keep) => Promise<Reply>,
): Promise<Reply> {
  const { owner, key, tenant: payer = owner } = of;
  if (!/^[!-~]{1,255}$/.test(key))
    throw new Problem('invalid-request', {
      violations: [
        { path: '/Idempotency-Key', code: 'invalid-header', message: 'must be 1 to 255 visible ASCII characters' },
      ],
    });
  const { store } = services;
  const at = services.clock();
  const requestHash = await services.sha256(fingerprint);
  const aad = replyContext(owner, key);
  const taken = await store.idempotency.reserve(of, requestHash, at);
  if (taken === 'running') throw stillRunning();
  if (taken !== 'taken') {
    if (taken.requestHash !== requestHash) throw new Problem('idempotency-key-reused');
    return replay(taken.status, taken.headers, await services.sealer.openText(taken.body, aad));
  }
  const keep: Keep = async ({ status, headers = {}, body }) => {
    const sealed = await services.sealer.sealText(Json.of(body) ?? 'null', aad);
    services.rate.charge(`replies/${payer}`, KEPT, sealed.length, services.clock());
    return { ...of, requestHash, at, status, headers, body: sealed };
  };
  try {
    return await run(keep);
  } catch (error) {
    throw lostKey(error) ? stillRunning() : error;
  } finally {
    // A request that failed or wrote nothing may run again. A reply that was stored with its change stays.
    await store.idempotency.release(owner, key, at).catch(() => {});
  }
}

const stillRunning = () => new Problem('idempotency-conflict', { headers: { 'retry-after': '1' } });

function replay(status: number, headers: Record<string, string>, body: string): Reply {
  const parsed: unknown = JSON.parse(body);
  return { status, headers: { ...headers, 'idempotency-replayed': 'true' }, ...(parsed !== null && { body: parsed }) };
}
