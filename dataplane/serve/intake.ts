import type { FeedEvent, FleetDescription, Rejection } from '../../wire/feed.ts';
import type { FleetState } from './fleet-state.ts';
import { type Change, TenantEvents } from './tenant-events.ts';
import type { XdsType } from './type.ts';

/** How many skipped revisions are kept for clients that connect later. */
const SKIPPED = 200;

export interface IntakeOptions {
  fleet: FleetState;
  types: readonly XdsType[];
  /** A snapshot starts or has ended. @param seq the snapshot's end; undefined at its start */
  snapshot: (seq?: number) => void;
  /** Whether a part of the feed was lost since the snapshot started, so that it may lack tenants. */
  hasGaps: () => boolean;
  /** The stored state was compiled under other rules of the fleet, so a snapshot is needed. */
  gap: () => void;
}

/** What a batch of events has changed. */
export interface Taken {
  /** In the order of the events. */
  changes: Change[];
  /** Whether listeners, and answers that waited for the whole fleet, may be different. */
  isNewFleet: boolean;
  /** The end of the last snapshot in the batch. */
  snapshotEnd: number | undefined;
}

/** Writes the events of the feed to the replica. A batch is stored as a whole or not at all. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #tenants: TenantEvents;
  #isSnapshot = false;
  #skipped: readonly Rejection[] = [];

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#tenants = new TenantEvents(options.fleet);
  }

  /** Revisions that arrived only as part of a later one, for clients that connect after that event. */
  get skipped(): readonly Rejection[] {
    return this.#skipped;
  }

  /** The feed has connected: a snapshot that broke off starts again from its beginning. */
  restart(): void {
    this.#isSnapshot = false;
  }

  take(events: readonly FeedEvent[]): Taken {
    const { fleet } = this.#options;
    const before = { description: JSON.stringify(fleet.description), complete: fleet.complete };
    const changes = fleet.transaction(() => events.flatMap((event) => this.#apply(event)));
    const isNewFleet = before.description !== JSON.stringify(fleet.description) || before.complete !== fleet.complete;
    const ended = events.findLast((event) => event.type === 'snapshot-end');
    return { changes, isNewFleet, snapshotEnd: ended?.seq };
  }

  #apply(event: FeedEvent): Change[] {
    const { fleet, snapshot, hasGaps } = this.#options;
    const { replica } = fleet;
    switch (event.type) {
      case 'fleet':
        this.#describe(event.fleet);
        return [];
      case 'snapshot':
        replica.sweep += 1;
        this.#isSnapshot = true;
        snapshot();
        return [];
      case 'snapshot-end': {
        this.#isSnapshot = false;
        snapshot(event.seq);
        replica.cursor = event.seq;
        // Tenants that the snapshot did not list are gone, unless a part of it was lost.
        const gone = hasGaps() ? [] : this.#tenants.removeUnswept(event.seq, replica.sweep);
        fleet.setComplete();
        return gone;
      }
      default: {
        const change = this.#tenants.apply(event, replica.sweep);
        if (change.skipped) this.#skipped = [...this.#skipped, change.skipped].slice(-SKIPPED);
        for (const type of this.#options.types) type.tenantChanged?.(fleet, event.tenant);
        // A snapshot that breaks off starts again from its beginning.
        if (!this.#isSnapshot) replica.cursor = Math.max(replica.cursor, event.seq);
        return [change];
      }
    }
  }

  #describe(description: FleetDescription): void {
    const { fleet, gap } = this.#options;
    const held = fleet.description;
    if (JSON.stringify(description) === JSON.stringify(held)) return;
    fleet.description = description;
    // A change of the fleet's rules requires a snapshot, which applies the rules to every tenant. If the agent had
    // stored no rules, this is not a change.
    if (held && held.denyDestinations === undefined && fleet.complete) gap();
  }
}
