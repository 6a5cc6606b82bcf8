import { passed } from '../../wire/milestones.ts';
import { keyOf } from '../compile/index.ts';
import type { Prober } from '../status/probe.ts';
import type { Lane } from './lane.ts';
import type { Entry } from './ledger.ts';

export interface SightingsOptions {
  prober: Prober;
  /** The routes' own. */
  lane: Lane;
  /** An event's hold is over. */
  live: (entry: Entry) => void;
  seen: (name: string) => void;
  unseen: (name: string, entries: readonly Entry[]) => void;
}

/**
 * Keeps events from being live until the proxy was seen to serve what they changed. When a newer version was sent before the older one was
 * seen, the events of the older wait for the newer, which contains them; should the newer be refused, they wait for the older again.
 */
export class Sightings {
  readonly #options: SightingsOptions;
  /** Events whose version was not seen before a newer one was due, by name of the routes. */
  readonly #carried = new Map<string, Entry[]>();

  constructor(options: SightingsOptions) {
    this.#options = options;
  }

  /** The client has acknowledged routes that are already to be replaced. */
  carry(name: string, entries: readonly Entry[]): void {
    for (const entry of entries) entry.toLive++;
    this.#keep(name, entries);
  }

  /** The client has acknowledged this version, which is the one it should hold. */
  expect(name: string, version: string, entries: readonly Entry[]): void {
    for (const entry of entries) entry.toLive++;
    const carried = this.#carried.get(name) ?? [];
    this.#carried.delete(name);
    if (entries.length + carried.length > 0) this.#look(name, version, [...carried, ...entries]);
  }

  /** The client holds none of these routes any more: there is nothing to see. */
  release(name: string): void {
    for (const entry of this.#carried.get(name) ?? []) this.#options.live(entry);
    this.#carried.delete(name);
  }

  #look(name: string, version: string, entries: readonly Entry[]): void {
    const { prober, lane, live, seen, unseen } = this.#options;
    const superseded = () => lane.sent.get(name) !== version;
    prober.see({ key: keyOf(name), version, superseded }).then((answer) => {
      if (answer === 'superseded') return this.#lookFurther(name, entries);
      if (answer === 'seen') {
        for (const { tenant } of entries) passed('live', tenant);
        seen(name);
      } else unseen(name, entries);
      for (const entry of entries) live(entry);
    });
  }

  /** For the version that is under way; or the one that the client holds meanwhile. */
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
