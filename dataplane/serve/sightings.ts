import { passed } from '../../wire/milestones.ts';
import { parseRoutesName } from '../compile/index.ts';
import type { Prober } from '../status/probe.ts';
import type { Lane } from './lane.ts';
import type { Entry } from './ledger.ts';

export interface SightingsOptions {
  prober: Prober;
  /** The lane of the routes. */
  lane: Lane;
  /** Releases one hold of an event. */
  live: (entry: Entry) => void;
  seen: (name: string) => void;
  unseen: (name: string, entries: readonly Entry[]) => void;
}

/**
 * Keeps events from becoming live until a probe has seen that the proxy serves them. When a newer version is sent before the older
 * one is seen, the older one's events wait for the newer version, which contains them. If the newer version is rejected,
 * they wait for the older one again.
 */
export class Sightings {
  readonly #options: SightingsOptions;
  /** Events whose version was not seen before a newer one was due, by routes name. */
  readonly #carried = new Map<string, Entry[]>();

  constructor(options: SightingsOptions) {
    this.#options = options;
  }

  /** The client acknowledged routes that are due to be replaced. */
  carry(name: string, entries: readonly Entry[]): void {
    for (const entry of entries) entry.toLive++;
    this.#keep(name, entries);
  }

  /** The client acknowledged this version, which is its target state. */
  expect(name: string, version: string, entries: readonly Entry[]): void {
    for (const entry of entries) entry.toLive++;
    const carried = this.#carried.get(name) ?? [];
    this.#carried.delete(name);
    if (entries.length + carried.length > 0) this.#look(name, version, [...carried, ...entries]);
  }

  /** The client no longer holds these routes, so there is nothing to observe. */
  release(name: string): void {
    for (const entry of this.#carried.get(name) ?? []) this.#options.live(entry);
    this.#carried.delete(name);
  }

  #look(name: string, version: string, entries: readonly Entry[]): void {
    const { prober, lane, live, seen, unseen } = this.#options;
    const superseded = () => lane.sent.get(name) !== version;
    prober.see({ key: parseRoutesName(name).key, version, superseded }).then((answer) => {
      if (answer === 'superseded') return this.#lookFurther(name, entries);
      if (answer === 'seen') {
        for (const { tenant } of entries) passed('live', tenant);
        seen(name);
      } else unseen(name, entries);
      for (const entry of entries) live(entry);
    });
  }

  /** Waits for the version that is under way, or for the one that the client holds meanwhile. */
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
