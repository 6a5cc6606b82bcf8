import { routesName, scopeName } from '../compile/index.ts';
import { TYPES } from '../xds/resource.ts';
import type { Stream } from '../xds/stream.ts';
import type { Catalogue } from './catalogue.ts';
import type { Lane } from './lane.ts';
import type { Entry } from './ledger.ts';
import { pointsToSecond } from './resources.ts';

const CHUNK = 1000;

/**
 * Brings a client that has just subscribed to all scopes up to date, a chunk at a time as it acknowledges; changes meanwhile go their
 * own way. The lane speaks of scopes by key, which tells what to send; only of those that are gone the client's own name is all there is.
 */
export class ScopeSync {
  readonly #catalogue: Catalogue;
  readonly #stream: Stream;
  readonly #lane: Lane;
  /** Last key handed out; undefined = nothing to do. */
  #after: string | undefined;
  /** Names that the client held when it came and that no key has been met for. */
  #held = new Set<string>();
  /** Scopes that point to the second name of their routes, by the client's name of them. */
  readonly #second = new Set<string>();

  constructor(catalogue: Catalogue, stream: Stream, lane: Lane) {
    this.#catalogue = catalogue;
    this.#stream = stream;
    this.#lane = lane;
  }

  /** All there was has been handed to the lane. */
  get done(): boolean {
    return this.#after === undefined;
  }

  start(have: ReadonlyMap<string, string>): void {
    this.#held = new Set(have.keys());
    for (const [name, version] of have) if (pointsToSecond(version)) this.#second.add(name);
    this.#after = '';
  }

  /** The name of its RouteConfiguration that the client's scope points to. */
  target(key: string): string {
    return this.#second.size > 0 && this.#second.has(scopeName(key)) ? routesName(key, 'second') : key;
  }

  /** Points a scope to the other name of its routes: the client lets go of what it loaded, and loads at the next request. */
  repoint(key: string): void {
    const name = scopeName(key);
    if (!this.#second.delete(name)) this.#second.add(name);
    this.#lane.mark(key);
  }

  /** The client holds the scope no more. */
  forget(name: string): void {
    if (this.#second.size > 0) this.#second.delete(sentName(name));
  }

  /** Not before scopes were subscribed to: Envoy answers nothing it did not ask for, and then it is told all there are. */
  mark(key: string, entry: Entry): void {
    if (!this.#stream.wildcard(TYPES.scope)) return;
    this.#held.delete(scopeName(key));
    this.#lane.mark(key, entry);
  }

  pump(): void {
    while (this.#after !== undefined && this.#lane.waiting < CHUNK) {
      const keys = this.#catalogue.scopesAfter(this.#after, CHUNK);
      for (const key of keys) if (!this.#held.delete(scopeName(key))) this.#lane.mark(key);
      this.#after = keys.length < CHUNK ? undefined : keys.at(-1);
    }
    this.#dropGone();
  }

  /** Only once the catalogue is complete is a scope it does not know one that is gone. */
  #dropGone(): void {
    if (this.#held.size === 0 || !this.done || !this.#catalogue.complete) return;
    for (const name of this.#held) this.#lane.mark(name);
    this.#held.clear();
  }
}

/** What the client calls the scope that the lane calls so. */
export const sentName = (name: string): string => (name.includes('|') ? scopeName(name) : name);
