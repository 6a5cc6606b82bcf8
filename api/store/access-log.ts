import { type Audit, audits } from './audit.ts';
import type { Kit } from './query.ts';
import { lacksReference } from './violation.ts';

/** Entries of the audit log about reads, which change nothing else. */
export interface AccessLog {
  /** Adds an entry. Returns false when its target is in a tenant that does not exist. */
  add(audit: Audit): Promise<boolean>;
}

export function accessLog(kit: Kit): AccessLog {
  const audit = audits(kit);
  return {
    async add(by) {
      try {
        await kit.driver.batch(audit(by));
        return true;
      } catch (error) {
        if (lacksReference(error)) return false;
        throw error;
      }
    },
  };
}
