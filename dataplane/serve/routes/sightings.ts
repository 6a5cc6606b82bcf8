import { reportMilestone } from '../../../wire/milestones.ts';
import { parseRoutesName } from '../../compile/index.ts';
import type { Prober } from '../../status/probe.ts';
import type { Lane } from '../sending/lane.ts';
import type { Entry } from '../sending/ledger.ts';

export interface SightingsOptions {
  prober: Prober;
  /** The lane of the routes. */
  lane: Lane;
  /** Called once per name of an event, when the event no longer waits for the name. */
  live: (entry: Entry) => void;
  seen: (name: string) => void;
  unseen: (name: string, entries: readonly Entry[]) => void;
}

/**
 * Keeps events from becoming live until a probe has seen through the proxy that it serves them. When a newer version is
 * sent before a probe saw the older version, the events of the older version wait for the newer one, which contains
 * them. If the client rejects the newer version, the events wait for the older one again.
 */
export class Sightings {
  readonly #options: SightingsOptions;
  /** Events whose version no probe saw before a newer version was due, by name of the routes. */
  readonly #carried = new Map<string, Entry[]>();

  constructor(options: SightingsOptions) {
    this.#options = options;
  }

  /** Handles the ACK of routes of which a newer version is already due. */
  carry(name: string, entries: readonly Entry[]): void {
    for (const entry of entries) entry.toLive++;
    this.#keep(name, entries);
  }

  /** Handles the ACK of a version that is the target state: starts a probe for it. */
  expect(name: string, version: string, entries: readonly Entry[]): void {
    for (const entry of entries) entry.toLive++;
    const carried = this.#carried.get(name) ?? [];
    this.#carried.delete(name);
    if (entries.length + carried.length > 0) this.#look(name, version, [...carried, ...entries]);
  }

  /** Stops waiting for routes that the client no longer holds. */
  release(name: string): void {
    for (const entry of this.#carried.get(name) ?? []) this.#options.live(entry);
    this.#carried.delete(name);
  }

  #look(name: string, version: string, entries: readonly Entry[]): void {
    const { prober, lane, live, seen, unseen } = this.#options;
    const superseded = () => lane.sent.get(name) !== version;
    prober.see({ key: parseRoutesName(name).key, version, superseded }).then((result) => {
      if (result === 'superseded') return this.#lookFurther(name, entries);
      if (result === 'seen') {
        for (const { tenant } of entries) reportMilestone('live', tenant);
        seen(name);
      } else unseen(name, entries);
      for (const entry of entries) live(entry);
    });
  }

  /** Waits for the version that is under way. If there is none, waits for the version that the client holds. */
  #lookFurther(name: string, entries: readonly Entry[]): void {
    const { lane, live } = this.#options;
    const current = lane.sent.get(name);
    if (lane.isPending(name)) this.#keep(name, entries);
    else if (current !== undefined) this.#look(name, current, entries);
    else for (const entry of entries) live(entry);
  }

  #keep(name: string, entries: readonly Entry[]): void {
    if (entries.length > 0) this.#carried.set(name, [...(this.#carried.get(name) ?? []), ...entries]);
  }
}
