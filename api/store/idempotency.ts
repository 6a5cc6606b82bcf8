import { and, eq, gt, lte, or, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, first, type Kit, parameters, prepare } from './query.ts';
import { violation } from './violation.ts';

export interface IdempotentResponse {
  /**
   * The SHA-256 of method, path, preconditions, preferences and body, in hex. A request with the same key and another
   * hash gets the status 422.
   */
  requestHash: string;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An `Idempotency-Key` of a caller. The removal of the tenant or the fleet deletes the row of the key. */
export interface IdempotencyKey {
  owner: string;
  key: string;
  /** The tenant in the path of the request. */
  tenant?: string | undefined;
  /** The fleet in the path of the request. */
  fleet?: string | undefined;
}

/**
 * The response to a request with an `Idempotency-Key`. The batch of the change stores it. The batch fails (`lostKey`)
 * when another request has reserved the key meanwhile, so two requests with one key never both make their change.
 */
export interface KeptReply extends IdempotentResponse, IdempotencyKey {
  /** The time at which the key was reserved. */
  at: number;
}

/** Idempotency keys. They expire after 24 hours. */
export interface Idempotency {
  /**
   * Reserves an idempotency key for a request that is about to run. The reservation applies to all processes. If a
   * process fails while its request runs, the key is free again after a minute.
   *
   * @returns `taken` when this call reserved the key; otherwise the response to the first request with the key, or
   *   `running` while that request runs
   */
  reserve(key: IdempotencyKey, requestHash: string, at: number): Promise<'taken' | 'running' | IdempotentResponse>;
  /** Releases a key that was reserved at the time `at`, because its request wrote nothing and may be retried. */
  release(owner: string, key: string, at: number): Promise<void>;
  /**
   * Releases every key whose request has no response yet, because the process that ran the request has ended. If such a
   * request still runs elsewhere, its batch fails in the case that another request reserves the key: see `KeptReply`.
   */
  releaseAll(now: number): Promise<void>;
  find(owner: string, key: string, now: number): Promise<IdempotentResponse | undefined>;
}

const KEPT_MS = 24 * 60 * 60 * 1000;
/** The time after which a running request counts as failed, because its process may have ended, in milliseconds. */
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
          tenant: $('tenant'),
          fleet: $('fleet'),
          requestHash: $('requestHash'),
          status: RUNNING,
          headers: '{}',
          body: '',
          createdAt: $('at'),
        })
        .onConflictDoUpdate({
          target: [owner, key],
          set: {
            tenant: sql`excluded.tenant`,
            fleet: sql`excluded.fleet`,
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
    release: prepare(db.delete(t.idempotency).where(mine)),
    // The condition on the time lets an index limit the rows. Older keys are free again anyway.
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
 * Makes the statement that stores a response in the batch of its change. If another request has reserved the key, the
 * statement sets the status to null. The column does not allow null, so the batch fails with an error that `lostKey`
 * recognizes.
 */
export function replies({ db, t }: Kit): (reply: KeptReply) => Statement {
  const { owner, key, status, createdAt } = t.idempotency;
  const keep = prepare(
    db
      .insert(t.idempotency)
      .values({
        ...parameters('owner', 'key', 'tenant', 'fleet', 'requestHash', 'status', 'headers', 'body'),
        createdAt: $('at'),
      })
      .onConflictDoUpdate({
        target: [owner, key],
        set: {
          status: sql`case when ${and(eq(status, RUNNING), eq(createdAt, sql`excluded.created_at`))} then excluded.status end`,
          headers: sql`excluded.headers`,
          body: sql`excluded.body`,
        },
      }),
  );
  return ({ headers, tenant = null, fleet = null, ...reply }) =>
    keep.with({ ...reply, tenant, fleet, headers: JSON.stringify(headers) });
}

/** Whether a batch failed because another request has reserved its idempotency key meanwhile. */
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

    async reserve({ owner, key, tenant = null, fleet = null }, requestHash, at) {
      const row = { owner, key, tenant, fleet, requestHash, at, expired: at - KEPT_MS, fallen: at - RUNNING_MS };
      const [taken] = await kit.driver.batch([q.take.with(row)]);
      if (taken!.length > 0) return 'taken';
      const kept = await find(owner, key, at);
      // The key was released after the first query, or its request is still running.
      return kept === undefined || kept.status === RUNNING ? 'running' : kept;
    },

    async release(owner, key, at) {
      await kit.driver.batch([q.release.with({ owner, key, at })]);
    },

    async releaseAll(now) {
      await kit.driver.batch([q.releaseAll.with({ fallen: now - RUNNING_MS })]);
    },
  };
}
