import { parseRoutesName, routesName, scopeName } from '../compile/index.ts';
import type { TypeUrl } from '../xds/resource.ts';
import type { Stream } from '../xds/stream.ts';
import type { FleetState } from './fleet-state.ts';
import type { Lane } from './lane.ts';
import type { Entry } from './ledger.ts';

const CHUNK = 1000;

/**
 * The version of a scope, which says to which name of its routes the scope points. Nothing else in a scope can change.
 */
export const scopeVersion = (routes: string): string => (parseRoutesName(routes).form === 'second' ? SECOND : '1');
const SECOND = '2';

/**
 * Sends all scopes to a client that has just subscribed to them, one chunk after each acknowledgement. Changes that come
 * meanwhile are marked in the lane as always. The lane names scopes by key, from which their content follows. A scope that is gone is known only by the client's own name.
 */
export class ScopeSync {
  readonly #fleet: FleetState;
  readonly #stream: Stream;
  readonly #url: TypeUrl;
  readonly #lane: Lane;
  /** Last key handed out; undefined = nothing to do. */
  #after: string | undefined;
  /** Names that the client held when it connected, and for which no key was found yet. */
  #held = new Set<string>();
  #isAnswered = false;
  /** Scopes that point to the second name of their routes, by the client's name of them. */
  readonly #second = new Set<string>();

  constructor(fleet: FleetState, stream: Stream, url: TypeUrl, lane: Lane) {
    this.#fleet = fleet;
    this.#stream = stream;
    this.#url = url;
    this.#lane = lane;
  }

  /** Whether all scopes have been handed to the lane. */
  get done(): boolean {
    return this.#after === undefined;
  }

  /**
   * Whether the client has answered a response to its subscription to scopes. A client that reconnects asks for
   * everything that it holds before it answers anything, but not in one message: until then, a host that it has loaded
   * looks like one that it did not ask for.
   */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  answered(): void {
    this.#isAnswered = true;
  }

  start(have: ReadonlyMap<string, string>): void {
    this.#held = new Set(have.keys());
    for (const [name, version] of have) if (version === SECOND) this.#second.add(name);
    this.#after = '';
  }

  /** The name of its RouteConfiguration that the client's scope points to. */
  target(key: string): string {
    return this.#second.size > 0 && this.#second.has(scopeName(key)) ? routesName(key, 'second') : key;
  }

  /** Points a scope to the other name of its routes: the client unloads what it has, and loads again with the next request. */
  repoint(key: string): void {
    const name = scopeName(key);
    if (!this.#second.delete(name)) this.#second.add(name);
    this.#lane.mark(key);
  }

  /** The client no longer holds the scope. */
  forget(name: string): void {
    if (this.#second.size > 0) this.#second.delete(sentName(name));
  }

  /** Does nothing before the client subscribes to scopes: Envoy acknowledges nothing that it did not ask for. It then gets all scopes. */
  mark(key: string, entry: Entry): void {
    if (!this.#stream.wildcard(this.#url)) return;
    this.#held.delete(scopeName(key));
    this.#lane.mark(key, entry);
  }

  pump(): void {
    while (this.#after !== undefined && this.#lane.waiting < CHUNK) {
      const keys = this.#fleet.replica.scopesAfter(this.#after, CHUNK);
      for (const key of keys) if (!this.#held.delete(scopeName(key))) this.#lane.mark(key);
      this.#after = keys.length < CHUNK ? undefined : keys.at(-1);
    }
    this.#dropGone();
  }

  /** Until the fleet is complete, a scope that is not known may still exist. */
  #dropGone(): void {
    if (this.#held.size === 0 || !this.done || !this.#fleet.complete) return;
    for (const name of this.#held) this.#lane.mark(name);
    this.#held.clear();
  }
}

/** The client's name of a scope. @param name its key; or the client's own name, when the key is not known */
export const sentName = (name: string): string => (name.includes('|') ? scopeName(name) : name);
