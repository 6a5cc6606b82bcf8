import type { FeedEvent, FleetDescription, Rejection } from '../../../wire/feed.ts';
import type { FleetState } from '../state/fleet-state.ts';
import type { XdsType } from '../type.ts';
import { type TenantChange, TenantEvents } from './tenant-events.ts';

/** The largest number of skipped revisions that are kept for clients that connect later. */
const SKIPPED = 200;

export interface IntakeOptions {
  state: FleetState;
  types: readonly XdsType[];
  /** Called at the start and at the end of a snapshot. @param seq the snapshot's last number; undefined at its start */
  snapshot: (seq?: number) => void;
  /** Returns whether a part of the feed was lost since the snapshot started, so that the snapshot may lack tenants. */
  hasGaps: () => boolean;
  /** Called when the fleet's rules changed. The agent then needs a snapshot, compiled under the new rules. */
  gap: () => void;
}

/** The changes that a batch of events made. */
export interface Applied {
  /** In the order of the events. */
  changes: TenantChange[];
  /** Whether the fleet's description changed, or the first snapshot became complete. */
  isNewFleet: boolean;
  /** The end of the last snapshot in the batch. */
  snapshotEnd: number | undefined;
}

/** Applies feed events to the replica. One transaction stores a whole batch, or nothing of it. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #tenants: TenantEvents;
  #isSnapshot = false;
  #skipped: readonly Rejection[] = [];

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#tenants = new TenantEvents(options.state);
  }

  /** Revisions that arrived only as part of a later one. Clients that connect later report them too. */
  get skipped(): readonly Rejection[] {
    return this.#skipped;
  }

  /** Notes that the feed reconnected. The API sends an interrupted snapshot again from its beginning. */
  restart(): void {
    this.#isSnapshot = false;
  }

  /** Applies a batch of events. */
  apply(events: readonly FeedEvent[]): Applied {
    const { state } = this.#options;
    const before = { description: JSON.stringify(state.description), complete: state.complete };
    const changes = state.transaction(() => events.flatMap((event) => this.#applyEvent(event)));
    const isNewFleet = before.description !== JSON.stringify(state.description) || before.complete !== state.complete;
    const ended = events.findLast((event) => event.type === 'snapshot-end');
    return { changes, isNewFleet, snapshotEnd: ended?.seq };
  }

  #applyEvent(event: FeedEvent): TenantChange[] {
    const { state, snapshot, hasGaps } = this.#options;
    const { replica } = state;
    switch (event.type) {
      case 'fleet':
        this.#describe(event.fleet);
        state.drained = event.drained ?? [];
        return [];
      case 'snapshot':
        replica.sweep += 1;
        this.#isSnapshot = true;
        snapshot();
        return [];
      case 'snapshot-end': {
        this.#isSnapshot = false;
        snapshot(event.seq);
        // Tenants that the snapshot did not list have left the fleet, unless a part of the snapshot was lost.
        const gone = hasGaps() ? [] : this.#tenants.removeUnswept(event.seq, replica.sweep);
        replica.cursor = event.seq;
        state.setComplete();
        return gone;
      }
      default: {
        const changes = this.#tenants.apply(event, replica.sweep);
        for (const { tenant, skipped } of changes) {
          if (skipped) this.#skipped = [...this.#skipped, skipped].slice(-SKIPPED);
          for (const type of this.#options.types) type.tenantChanged?.(state, tenant);
        }
        // The cursor stays during a snapshot, because an interrupted snapshot is sent again from its beginning.
        if (!this.#isSnapshot) replica.cursor = Math.max(replica.cursor, event.seq);
        return changes;
      }
    }
  }

  #describe(description: FleetDescription): void {
    const { state, gap } = this.#options;
    const before = state.description;
    if (JSON.stringify(description) === JSON.stringify(before)) return;
    state.description = description;
    // A change of the fleet's rules requires a snapshot, which applies the rules to every tenant. If the agent had
    // stored no rules, this is not a change.
    if (before && before.denyDestinations === undefined && state.complete) gap();
  }
}
