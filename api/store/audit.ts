import type { Statement } from './driver.ts';
import { replies } from './idempotency.ts';
import type { Audit } from './port.ts';
import { type Kit, parameters, prepare } from './query.ts';

/**
 * What every change leaves behind, in the change's own batch: its row in the audit log and, for an idempotency key, the
 * response to repeat.
 */
export function audits(kit: Kit): (audit: Audit) => Statement[] {
  const { db, t } = kit;
  const insert = prepare(
    db.insert(t.audit).values(parameters('actor', 'action', 'target', 'at', 'requestId', 'remote')),
  );
  const keep = replies(kit);
  return ({ reply, ...audit }) => [insert.with(audit), ...(reply ? [keep(reply)] : [])];
}
