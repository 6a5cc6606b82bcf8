/** A fault in a store. */
export interface Finding {
  /** An error means that data is served or stored wrongly. A warning means that data only uses space. */
  severity: 'error' | 'warning';
  /** The place of the fault, such as `tenants/acme/revisions/7` or `fleets/public`, or a table. */
  at: string;
  problem: string;
  remedy: string;
  /** Present when the stored hash of a revision differs from the hash of its rows. */
  rehash?: Rehash;
}

interface Rehash {
  tenant: string;
  revision: number;
  /** The hash with which the revision was published. */
  published: string;
  /** The hash of its current content. */
  content: string;
}

export const RESTORE = 'restore an earlier backup, or publish the configuration again';

export const error = (at: string, problem: string, remedy: string): Finding => ({
  severity: 'error',
  at,
  problem,
  remedy,
});

export const warning = (at: string, problem: string): Finding => ({
  severity: 'warning',
  at,
  problem,
  remedy: 'nothing is served wrong; it goes with the next publish of what it belongs to',
});
