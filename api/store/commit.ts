import type { AutomaticName } from '../../model/automatic-certificates.ts';
import type { InfoOf, Kind } from '../../model/kinds/index.ts';
import type { AttachedChange } from './attached.ts';
import type { Audit } from './audit.ts';
import type { NewFeedRow } from './feed-rows.ts';
import type { SealedKey } from './keys.ts';
import type { FleetPort, PortMove } from './port-claims.ts';
import type { Revision } from './revisions.ts';

/** One revision. The store writes it completely or not at all. */
export interface Commit {
  tenant: string;
  /** Guard, if present: the tenant still has this creation time. A later tenant with the same name has another one. */
  tenantCreatedAt?: number;
  /** Guard, if present: the tenant still has this plan, whose limits the change respects. */
  plan?: string;
  revision: Omit<Revision, 'tenant'>;
  /**
   * The id of the head that this commit makes, and the id of its parent. Guard: the parent is still the head, by number
   * and by id.
   */
  head: { id: string; parent: string };
  /** Whether this process has the tenant's turn (`Commits.turn`). The commit then does not wait for the turn. */
  inTurn?: boolean;
  /** The written resources. `json` is the spec as text, if the caller has it. */
  puts: { kind: Kind; name: string; spec: unknown; json?: string; info?: InfoOf<Kind> }[];
  deletes: { kind: Kind; name: string }[];
  keys: SealedKey[];
  /**
   * The changes of host claims on shared fleets. `add` lists the hosts that the new head claims, without those that
   * shared fleets serve already. The tenant may have claimed some of them. `remove` lists the hosts that only the old
   * head has.
   */
  claims: { add: string[]; remove: string[] };
  /**
   * The domains on which the new claims of hosts depend, when they do. Guard: the tenant holds all of `held`, and no other
   * tenant holds one of `free`, or a domain below one of `wildcards`.
   */
  domains?: { held: readonly string[]; free: readonly string[]; wildcards: readonly string[] };
  /** The changes of port claims on shared fleets. */
  ports: PortMove;
  /** Upstreams that get `dns: logical`. Guard: no endpoints are registered at them. */
  unregistered?: string[];
  /** All names for which the tenant wants automatic certificates. Absent when the commit does not change them. */
  automatic?: readonly AutomaticName[];
  /** Whether hosts that other tenants attach to gateways of the tenant may get or lose automatic certificates. */
  movesAttachedNames?: boolean;
  /** Absent when neither this tenant nor another one has hosts on shared gateways that the commit concerns. */
  attached?: AttachedChange;
  /**
   * One feed row per fleet. If `base` is 0, agents get the whole configuration. `leaves` means that the fleet no longer
   * serves the tenant.
   */
  feeds: NewFeedRow[];
  /** Present when routes of the new head, or of its parent, name another tenant in `parents`. */
  namesParents?: true;
  /**
   * Whether each of these fleets gets all puts and deletes, and nothing else. This is not so when the commit changes what
   * is delivered by selector or by reference, such as gateways, certificates and references to certificates.
   */
  isSameForEachFleet: boolean;
  /** Guard: the generation of the fleets from which `feeds` was computed. */
  fleetGeneration: number;
  audit: Audit;
}

/** The outcome of a commit. After a conflict, nothing was written. */
export type CommitOutcome =
  | { ok: true; seqs: { fleet: string; seq: number }[] }
  /**
   * The head is not the parent of the commit, or the fleets changed meanwhile. The caller loads the head and the fleets
   * again.
   */
  | { ok: false; conflict: 'revision' | 'fleets' }
  /** Another tenant claims a host that is equal to or overlaps one of these. */
  | { ok: false; conflict: 'host'; hosts: string[] }
  /** Another tenant claims one of these ports. */
  | { ok: false; conflict: 'port'; ports: FleetPort[] };
