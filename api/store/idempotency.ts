import { and, eq, gt, lte, or, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, first, type Kit, parameters, prepare } from './query.ts';
import { violation } from './violation.ts';

export interface IdempotentResponse {
  /**
   * SHA-256 of method, path, preconditions, preferences and body, hex. If the same key comes with another hash, the
   * response is 422.
   */
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

/** Idempotency keys. They expire after 24 hours. */
export interface Idempotency {
  /**
   * Takes an idempotency key for a request that is about to run. It works across all processes. If a process fails
   * while its request runs, the key is free again after a minute.
   *
   * @returns `taken`, or the response to the key's first request, or `running` while that request runs
   */
  take(owner: string, key: string, requestHash: string, at: number): Promise<'taken' | 'running' | IdempotentResponse>;
  /** Stores the response of a request that changed nothing, whose key was taken at this instant. */
  keep(owner: string, key: string, response: Omit<IdempotentResponse, 'requestHash'>, at: number): Promise<void>;
  /** Releases a key that was taken at this instant: its request failed, and may be retried. */
  release(owner: string, key: string, at: number): Promise<void>;
  /**
   * Releases every key whose request was still running, because the process that ran it has ended. Requests that do run
   * are not affected: see `KeptReply`.
   */
  releaseAll(now: number): Promise<void>;
  find(owner: string, key: string, now: number): Promise<IdempotentResponse | undefined>;
}

const KEPT_MS = 24 * 60 * 60 * 1000;
/** A request that runs longer than this is considered failed, because its process ended. */
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
    // An index limits the rows. Older keys are available again anyway.
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
      // The key was released in between, or its request is still running.
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
