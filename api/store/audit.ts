import type { Statement } from './driver.ts';
import type { Audit } from './port.ts';
import { type Kit, parameters, prepare } from './query.ts';

/** The row every change leaves behind, in the change's own batch. */
export function audits({ db, t }: Kit): (audit: Audit) => Statement {
  const insert = prepare(
    db.insert(t.audit).values(parameters('actor', 'action', 'target', 'at', 'requestId', 'remote')),
  );
  return (audit) => insert.with({ ...audit });
}
