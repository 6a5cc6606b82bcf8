import type { Statement } from './driver.ts';
import { type KeptReply, replies } from './idempotency.ts';
import { type Kit, parameters, prepare } from './query.ts';

export interface Audit {
  actor: string;
  action: string;
  target: string;
  at: number;
  requestId: string;
  remote: string;
  /** The reply to store for the request's `Idempotency-Key`. */
  reply?: KeptReply;
}

/**
 * Makes the statements that every change adds to its own batch. They write a row of the audit log and, for a request
 * with an idempotency key, the response to repeat.
 */
export function audits(kit: Kit): (audit: Audit) => Statement[] {
  const { db, t } = kit;
  const insert = prepare(
    db.insert(t.audit).values(parameters('actor', 'action', 'target', 'at', 'requestId', 'remote')),
  );
  const keep = replies(kit);
  return ({ reply, ...audit }) => [insert.with(audit), ...(reply ? [keep(reply)] : [])];
}
