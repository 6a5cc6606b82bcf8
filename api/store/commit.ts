import type { InfoOf, Kind } from '../../model/kinds/index.ts';
import type { Audit } from './audit.ts';
import type { SealedKey } from './keys.ts';
import type { Revision } from './revisions.ts';

/** One revision. It is written completely or not at all. */
export interface Commit {
  tenant: string;
  /** Guard, if present: the tenant is the one that was loaded, not a later one with the same name. */
  tenantCreatedAt?: number;
  revision: Omit<Revision, 'tenant'>;
  /**
   * Id of the head that this commit makes, and of the one that it was made from. Guard: the latter is still the head,
   * by number and by id.
   */
  head: { id: string; parent: string };
  /** Whether this process has the tenant's turn (`turn`). The commit then does not wait for it. */
  inTurn?: boolean;
  /** The changed resources. `json` is the spec as text, if it is known already. */
  puts: { kind: Kind; name: string; spec: unknown; json?: string; info?: InfoOf<Kind> }[];
  deletes: { kind: Kind; name: string }[];
  keys: SealedKey[];
  /**
   * Changes of the host claims on shared fleets: `add` are hosts of the new head that the old head did not have,
   * `remove` the reverse.
   */
  claims: { add: string[]; remove: string[] };
  /**
   * One feed row per fleet. `base` 0 = send the whole configuration; `leaves` = the fleet no longer serves the tenant.
   */
  feeds: { fleet: string; base: number; leaves: boolean }[];
  /** Guard: the generation of the fleets from which `feeds` was computed. */
  fleetGeneration: number;
  audit: Audit;
}

/** The outcome of a commit. After a conflict, nothing was written. */
export type CommitOutcome =
  | { ok: true; seqs: { fleet: string; seq: number }[] }
  /** The head is not the parent of the commit, or the fleets changed meanwhile. The caller loads both again. */
  | { ok: false; conflict: 'revision' | 'fleets' }
  /** Another tenant claims a host that is equal to or overlaps one of these. */
  | { ok: false; conflict: 'host'; hosts: string[] };
