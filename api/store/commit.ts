import type { InfoOf, Kind } from '../../model/kinds/index.ts';
import type { Audit } from './audit.ts';
import type { SealedKey } from './keys.ts';
import type { Revision } from './revisions.ts';

/** One revision, whole or not at all. */
export interface Commit {
  tenant: string;
  /** Guard, when given: the tenant is the one that was loaded, not a later one of its name. */
  tenantCreatedAt?: number;
  revision: Omit<Revision, 'tenant'>;
  /**
   * Id of the head that this commit makes, and of the one that it was made from. Guard: the latter is still the head,
   * by number and by id.
   */
  head: { id: string; parent: string };
  /** The tenant's turn is held (`turn`): the commit does not wait for it. */
  inTurn?: boolean;
  /** `json` is the spec as text, where it is known already. */
  puts: { kind: Kind; name: string; spec: unknown; json?: string; info?: InfoOf<Kind> }[];
  deletes: { kind: Kind; name: string }[];
  keys: SealedKey[];
  /** Host claims on shared fleets: what the gateways of the new head hold minus what the old head held, and the other way round. */
  claims: { add: string[]; remove: string[] };
  /** One row a fleet concerned. `base` 0 = send the whole; `leaves` = the fleet no longer serves the tenant. */
  feeds: { fleet: string; base: number; leaves: boolean }[];
  /** Guard: the fleets' generation that `feeds` was computed from. */
  fleetGeneration: number;
  audit: Audit;
}

/** The outcome of a commit; a conflict wrote nothing. */
export type CommitOutcome =
  | { ok: true; seqs: { fleet: string; seq: number }[] }
  /** The head is not the parent that the commit was made from, or the fleets changed meanwhile: load again. */
  | { ok: false; conflict: 'revision' | 'fleets' }
  /** Another tenant holds a host that is equal to or overlaps one of these. */
  | { ok: false; conflict: 'host'; hosts: string[] };
