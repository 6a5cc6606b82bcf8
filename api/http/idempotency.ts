import type { Keep, Services } from '../context.ts';
import { Problem } from '../problem.ts';
import { Json, type Reply } from '../reply.ts';
import { lostKey } from '../store/idempotency.ts';

/**
 * Answers a repeated POST with what the first one answered. The reply is stored in the batch of the change that it
 * reports (`ctx.record`), so both survive a crash or neither does. Stored bodies are sealed: the answer to "create a
 * token" is a secret. Failures are not kept, so that a retry after one is a new try. While the first one runs, in
 * whichever process, a second is refused.
 *
 * @param owner whose key it is: the id of the caller's token
 * @param fingerprint everything that makes two requests the same
 */
export async function idempotently(
  services: Services,
  owner: string,
  key: string,
  fingerprint: string,
  run: (keep: Keep) => Promise<Reply>,
): Promise<Reply> {
  if (!/^[!-~]{1,255}$/.test(key))
    throw new Problem('invalid-request', {
      violations: [
        { path: '/Idempotency-Key', code: 'invalid-header', message: 'must be 1 to 255 visible ASCII characters' },
      ],
    });
  const { store } = services;
  const at = services.clock();
  const requestHash = await services.sha256(fingerprint);
  const aad = `idempotency/${owner}/${key}`;
  const taken = await store.idempotency.take(owner, key, requestHash, at);
  if (taken === 'running') throw stillRunning();
  if (taken !== 'taken') {
    if (taken.requestHash !== requestHash) throw new Problem('idempotency-key-reused');
    return replay(taken.status, taken.headers, await services.sealer.openText(taken.body, aad));
  }
  const keep: Keep = async ({ status, headers = {}, body }) => {
    const sealed = await services.sealer.sealText(Json.of(body) ?? 'null', aad);
    return { owner, key, requestHash, at, status, headers, body: sealed };
  };
  const release = () => store.idempotency.release(owner, key, at).catch(() => {});
  try {
    const reply = await run(keep);
    // Has no effect on a reply stored with its change. A request that changed nothing may run again.
    await store.idempotency.keep(owner, key, await keep(reply), at).catch(release);
    return reply;
  } catch (error) {
    await release();
    throw lostKey(error) ? stillRunning() : error;
  }
}

const stillRunning = () => new Problem('idempotency-conflict', { headers: { 'retry-after': '1' } });

function replay(status: number, headers: Record<string, string>, body: string): Reply {
  const parsed: unknown = JSON.parse(body);
  return { status, headers: { ...headers, 'idempotency-replayed': 'true' }, ...(parsed !== null && { body: parsed }) };
}
