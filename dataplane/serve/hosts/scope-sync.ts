import { isHostKey, parseRoutesName, routesName, scopeName } from '../../compile/index.ts';
import type { TypeUrl } from '../../xds/resource.ts';
import type { Stream } from '../../xds/stream.ts';
import type { Lane } from '../sending/lane.ts';
import type { Entry } from '../sending/ledger.ts';
import type { FleetState } from '../state/fleet-state.ts';

const CHUNK = 1000;

/**
 * The version of a scope. It depends only on the name of the routes to which the scope points, because nothing else in
 * a scope can change.
 *
 * @param routes the name of the RouteConfiguration
 */
export const scopeVersion = (routes: string): string => (parseRoutesName(routes).form === 'second' ? SECOND : '1');
const SECOND = '2';

/**
 * Sends all scopes to a client that has just subscribed to them, one chunk after each acknowledgement. Changes that
 * arrive meanwhile are marked in the lane as usual. The lane uses the scope key as the name. For a deleted scope that
 * the client still holds, the key is unknown, so the lane uses the name that the client sent.
 */
export class ScopeSync {
  readonly #state: FleetState;
  readonly #stream: Stream;
  readonly #url: TypeUrl;
  readonly #lane: Lane;
  /** The last key that was marked in the lane; undefined when all scopes are marked. */
  #after: string | undefined;
  /** Names that the client held when it connected, and for which no key was found yet. */
  #unmatched = new Set<string>();
  #isAnswered = false;
  /** Scopes that point to the second name of their routes, by the client's name of them. */
  readonly #second = new Set<string>();

  readonly #hasScope: (key: string) => boolean;

  /** @param hasScope whether the client may have the routes of a scope; called once the client has subscribed */
  constructor(state: FleetState, stream: Stream, url: TypeUrl, lane: Lane, hasScope: (key: string) => boolean) {
    this.#state = state;
    this.#stream = stream;
    this.#url = url;
    this.#lane = lane;
    this.#hasScope = hasScope;
  }

  /** Whether all scopes have been handed to the lane. */
  get done(): boolean {
    return this.#after === undefined;
  }

  /**
   * Whether the client has acknowledged or rejected a response with scopes. A client that reconnects subscribes to
   * everything that it holds, in several messages, before it answers a response. Until its first answer, the agent
   * cannot know which hosts the client has loaded.
   */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Handles the first answer, and any later one. */
  answered(): void {
    this.#isAnswered = true;
  }

  /** Starts to send all scopes. @param have the versions that the client held when it connected, by name */
  start(have: ReadonlyMap<string, string>): void {
    this.#unmatched = new Set(have.keys());
    for (const [name, version] of have) if (version === SECOND) this.#second.add(name);
    this.#after = '';
  }

  /** Returns the name of the RouteConfiguration to which the client's scope points. @param key the scope key */
  target(key: string): string {
    return this.#second.size > 0 && this.#second.has(scopeName(key)) ? routesName(key, 'second') : key;
  }

  /**
   * Points a scope to the other name of its routes. The client unloads the routes under the old name, and loads the new
   * name with the next request.
   */
  repoint(key: string): void {
    const name = scopeName(key);
    if (!this.#second.delete(name)) this.#second.add(name);
    this.#lane.mark(key);
  }

  /** Drops the state of a scope that the client no longer holds. */
  forget(name: string): void {
    if (this.#second.size > 0) this.#second.delete(sentName(name));
  }

  /**
   * Marks a changed scope. Does nothing before the client subscribes to scopes, because Envoy does not acknowledge
   * resources without a subscription. The client gets all scopes when it subscribes.
   */
  mark(key: string, entry: Entry): void {
    if (!this.#stream.wildcard(this.#url) || !this.#isFor(key)) return;
    this.#unmatched.delete(scopeName(key));
    this.#lane.mark(key, entry);
  }

  /** Marks the next chunk of scopes in the lane while the lane has fewer than one chunk waiting. */
  pump(): void {
    while (this.#after !== undefined && this.#lane.waiting < CHUNK) {
      const keys = this.#state.replica.scopeKeys.after(this.#after, CHUNK);
      for (const key of keys) if (this.#isFor(key) && !this.#unmatched.delete(scopeName(key))) this.#lane.mark(key);
      this.#after = keys.length < CHUNK ? undefined : keys.at(-1);
    }
    this.#dropGone();
  }

  #isFor(key: string): boolean {
    return isHostKey(key) && this.#hasScope(key);
  }

  /** Removes scopes from the client that no longer exist, once the first snapshot is complete. */
  #dropGone(): void {
    if (this.#unmatched.size === 0 || !this.done || !this.#state.complete) return;
    for (const name of this.#unmatched) this.#lane.mark(name);
    this.#unmatched.clear();
  }
}

/** Returns the name under which Envoy knows a scope. @param name the scope key, or already Envoy's name */
export const sentName = (name: string): string => (name.includes('|') ? scopeName(name) : name);
