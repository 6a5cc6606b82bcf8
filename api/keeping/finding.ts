/** Something a store should not have. */
export interface Finding {
  /** An error is something served or kept wrong; a warning only takes room. */
  severity: 'error' | 'warning';
  /** `tenants/acme/revisions/7`, `fleets/public`, or a table. */
  at: string;
  problem: string;
  remedy: string;
  /** Of a revision whose hash is not that of its rows. */
  rehash?: Rehash;
}

interface Rehash {
  tenant: string;
  revision: number;
  /** The hash it was published with. */
  published: string;
  /** That of what it holds. */
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
