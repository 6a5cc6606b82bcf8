import { and, eq, gt, lte, or, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, first, type Kit, parameters, prepare } from './query.ts';
import { violation } from './violation.ts';

export interface IdempotentResponse {
  /** SHA-256 of method, path, preconditions, preferences and body, hex: the same key with another request is a 422. */
  requestHash: string;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * The response of a request with an `Idempotency-Key`, stored in the batch of the change that it reports. The batch
 * fails (`lostKey`) when another request has taken the key meanwhile, so no key changes anything twice.
 */
export interface KeptReply extends IdempotentResponse {
  owner: string;
  key: string;
  /** The instant at which the key was taken. */
  at: number;
}

/** Idempotency keys. They expire after 24 h. */
export interface Idempotency {
  /**
   * Takes an idempotency key for a request that is to run, whichever process asks. A process that fails while its
   * request runs loses the key after a minute.
   *
   * @returns `taken`, or the response of the key's first request, or `running` while that request is
   */
  take(owner: string, key: string, requestHash: string, at: number): Promise<'taken' | 'running' | IdempotentResponse>;
  /** Keeps the response of a key that was taken at this instant, of a request that changed nothing. */
  keep(owner: string, key: string, response: Omit<IdempotentResponse, 'requestHash'>, at: number): Promise<void>;
  /** Releases a key that was taken at this instant: its request failed, and may be tried again. */
  release(owner: string, key: string, at: number): Promise<void>;
  /**
   * Releases every key whose request was still running: the process that ran it has ended. Harmless to those that do
   * run: see `KeptReply`.
   */
  releaseAll(now: number): Promise<void>;
  find(owner: string, key: string, now: number): Promise<IdempotentResponse | undefined>;
}

const KEPT_MS = 24 * 60 * 60 * 1000;
/** Who took a key and was not heard of for so long has fallen. */
const RUNNING_MS = 60 * 1000;
/** The status of a row whose request is still running. */
const RUNNING = 0;

function statements({ db, t }: Kit) {
  const { requestHash, status, headers, body, owner, key, createdAt } = t.idempotency;
  const row = and(eq(owner, $('owner')), eq(key, $('key')));
  const mine = and(row, eq(status, RUNNING), eq(createdAt, $('at')));
  return {
    take: prepare(
      db
        .insert(t.idempotency)
        .values({
          owner: $('owner'),
          key: $('key'),
          requestHash: $('requestHash'),
          status: RUNNING,
          headers: '{}',
          body: '',
          createdAt: $('at'),
        })
        .onConflictDoUpdate({
          target: [owner, key],
          set: {
            requestHash: sql`excluded.request_hash`,
            status: RUNNING,
            headers: '{}',
            body: '',
            createdAt: sql`excluded.created_at`,
          },
          setWhere: or(lte(createdAt, $('expired')), and(eq(status, RUNNING), lte(createdAt, $('fallen'))))!,
        })
        .returning({ owner }),
    ),
    keep: prepare(
      db
        .update(t.idempotency)
        .set({ status: sql`${$('status')}`, headers: sql`${$('headers')}`, body: sql`${$('body')}` })
        .where(mine),
    ),
    release: prepare(db.delete(t.idempotency).where(mine)),
    // Bounded by an index: older ones are taken over anyway.
    releaseAll: prepare(db.delete(t.idempotency).where(and(gt(createdAt, $('fallen')), eq(status, RUNNING)))),
    get: prepare(
      db
        .select({ requestHash, status, headers, body })
        .from(t.idempotency)
        .where(and(row, gt(createdAt, $('expired')))),
    ),
  };
}

/**
 * The statement that keeps a response in the batch of its change. When the row is no longer the one that this request
 * took, the status becomes null, which the column does not allow: the batch fails, and `lostKey` recognises it.
 */
export function replies({ db, t }: Kit): (reply: KeptReply) => Statement {
  const { owner, key, status, createdAt } = t.idempotency;
  const keep = prepare(
    db
      .insert(t.idempotency)
      .values({ ...parameters('owner', 'key', 'requestHash', 'status', 'headers', 'body'), createdAt: $('at') })
      .onConflictDoUpdate({
        target: [owner, key],
        set: {
          status: sql`case when ${and(eq(status, RUNNING), eq(createdAt, sql`excluded.created_at`))} then excluded.status end`,
          headers: sql`excluded.headers`,
          body: sql`excluded.body`,
        },
      }),
  );
  return ({ headers, ...reply }) => keep.with({ ...reply, headers: JSON.stringify(headers) });
}

/** Whether a batch failed because another request has taken its idempotency key meanwhile. */
export function lostKey(error: unknown): boolean {
  const found = violation(error);
  return found?.kind === 'null' && found.table === 'idempotency';
}

export function idempotency(kit: Kit): Idempotency {
  const q = statements(kit);

  async function find(owner: string, key: string, now: number) {
    const row = await first(kit, q.get, { owner, key, expired: now - KEPT_MS });
    return row && { ...row, headers: JSON.parse(row.headers) as Record<string, string> };
  }

  return {
    find,

    async take(owner, key, requestHash, at) {
      const row = { owner, key, requestHash, at, expired: at - KEPT_MS, fallen: at - RUNNING_MS };
      const [taken] = await kit.driver.batch([q.take.with(row)]);
      if (taken!.length > 0) return 'taken';
      const kept = await find(owner, key, at);
      // Released in between, or not answered yet.
      return kept === undefined || kept.status === RUNNING ? 'running' : kept;
    },

    async keep(owner, key, { status, headers, body }, at) {
      await kit.driver.batch([q.keep.with({ owner, key, at, status, headers: JSON.stringify(headers), body })]);
    },

    async release(owner, key, at) {
      await kit.driver.batch([q.release.with({ owner, key, at })]);
    },

    async releaseAll(now) {
      await kit.driver.batch([q.releaseAll.with({ fallen: now - RUNNING_MS })]);
    },
  };
}
