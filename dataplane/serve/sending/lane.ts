import type { XdsResource } from '../../xds/resource.ts';
import type { Item } from './item.ts';
import type { LaneOptions, Target } from './lane-options.ts';
import { Large } from './large.ts';
import type { Entry } from './ledger.ts';
import { LARGE, Slice } from './slice.ts';
import { Turns } from './turns.ts';

/**
 * Sends the resources of one type to one client. A name is either clean, dirty, under way, or postponed. A name that
 * changes while it is under way, however often, is sent once more after the answer. A slow client therefore costs one
 * dirty flag per name instead of a growing queue. Tenants have turns.
 *
 * Resources that are due at the same time are sent together. Envoy rejects a whole response for one bad resource, so
 * after a NACK each resource of the response is sent again in a response of its own, until the client accepts it.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #dirty: Turns;
  readonly #large: Large;
  readonly #slice: Slice;
  readonly #postponed = new Map<string, Entry[]>();
  readonly #underWay = new Map<string, Item[]>();
  /** The bytes under way, without large resources. */
  #bytes = 0;
  /** The names under way, with the events that arrived since they were sent. */
  readonly #busy = new Map<string, Entry[] | undefined>();
  /** Names that the client requested. They are sent even if the client holds the target state. */
  readonly #requested = new Set<string>();
  /** Names that were in a rejected response. Each is sent in a response of its own until the client accepts it. */
  readonly #alone = new Set<string>();
  /** Names that could not be built or sent. */
  readonly #failing = new Set<string>();
  /** Names whose last version the client rejected. The client may still hold an earlier version. */
  readonly #rejected = new Set<string>();
  /** The version that was sent last, by name. */
  readonly sent = new Map<string, string>();

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#large = new Large(options);
    this.#slice = new Slice(options.batch, options.wake);
    this.#dirty = new Turns(options.turnOf, (name) => this.#large.waits(name, this.#requested.has(name)));
  }

  get idle(): boolean {
    return this.#dirty.size === 0 && this.#underWay.size === 0;
  }

  get waiting(): number {
    return this.#dirty.size;
  }

  /** Whether the client may hold some version under this name. */
  mayHold(name: string): boolean {
    return this.sent.has(name) || this.#rejected.has(name);
  }

  /** Marks a name, because the client may not hold its target state. @param entry the event that changed the name */
  mark(name: string, entry?: Entry): void {
    if (entry) entry.toAck++;
    this.#put(name, entry ? [entry] : []);
  }

  /** Handles a request of the client for this name. The lane responds even if the client holds the target state. */
  request(name: string): void {
    this.sent.delete(name);
    this.#requested.add(name);
    this.mark(name);
  }

  /** Drops a name from which the client unsubscribed. */
  forget(name: string): void {
    this.#alone.delete(name);
    this.#failing.delete(name);
    this.#rejected.delete(name);
    this.#large.forget(name);
    for (const entry of this.abandon(name)) this.#options.acked(entry);
  }

  /** Makes a postponed name due again, because its target state may be known now. */
  reconsider(name: string): void {
    const entries = this.#postponed.get(name);
    if (!entries) return;
    this.#postponed.delete(name);
    this.#dirty.set(name, entries);
  }

  reconsiderAll(): void {
    for (const name of [...this.#postponed.keys()]) this.reconsider(name);
  }

  flush(): void {
    this.#slice.begin();
    while (!this.#slice.isOver && this.#hasRoom && this.#dirty.peek()) {
      const items = this.#collect(this.#options.batch);
      if (items.length > 0) this.#send(items);
    }
    this.#slice.end();
  }

  get #hasRoom(): boolean {
    const { window, bytes = LARGE } = this.#options;
    return this.#underWay.size === 0 || (this.#underWay.size < window && this.#bytes < bytes);
  }

  close(): void {
    this.#large.close();
    this.#slice.close();
  }

  ack(nonce: string): void {
    for (const { name, resource, entries } of this.#finish(nonce)) {
      this.#alone.delete(name);
      this.#rejected.delete(name);
      this.#settle(name, resource, entries);
    }
  }

  /** Whether the name is dirty, postponed or under way. */
  isPending(name: string): boolean {
    return this.#dirty.has(name) || this.#postponed.has(name) || this.#busy.has(name);
  }

  /**
   * Cancels the due or postponed send of a name.
   *
   * @returns the events that waited for the name; the caller acknowledges them
   */
  abandon(name: string): Entry[] {
    const entries = [...(this.#dirty.get(name) ?? []), ...(this.#postponed.get(name) ?? [])];
    this.#dirty.delete(name);
    this.#postponed.delete(name);
    this.sent.delete(name);
    this.#requested.delete(name);
    return entries;
  }

  nack(nonce: string, message: string): void {
    const items = this.#finish(nonce);
    if (items.length > 1) this.#separate(items);
    else for (const item of items) this.#reject(item, message);
  }

  #reject({ name, resource, entries }: Item, message: string): void {
    this.#alone.add(name);
    this.#rejected.add(name);
    this.sent.delete(name);
    this.#confine(name, entries, () => this.#options.handlers.nacked(name, resource, entries, message));
    for (const entry of entries) this.#options.acked(entry);
  }

  #settle(name: string, resource: XdsResource | undefined, entries: readonly Entry[]): void {
    // Not for a substitute: the handler `failed` was called when the resource itself could not be built or sent.
    if (!this.#failing.has(name))
      this.#confine(name, entries, () => this.#options.handlers.acked(name, resource, entries));
    for (const entry of entries) this.#options.acked(entry);
  }

  /** Runs a handler of one name, so that its error does not affect other names. */
  #confine(name: string, entries: readonly Entry[], work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.handlers.failed(name, entries, error);
    }
  }

  #send(items: readonly Item[]): void {
    const { send, handlers } = this.#options;
    try {
      const nonce = send(
        items.flatMap((item) => item.resource ?? []),
        items.flatMap((item) => (item.resource ? [] : item.name)),
      );
      this.#underWay.set(nonce, [...items]);
      this.#bytes += this.#large.sent(items);
    } catch (error) {
      if (items.length > 1) for (const item of items) this.#send([item]);
      else for (const item of items) this.#unsendable(item, error);
      return;
    }
    for (const { name } of items) handlers.sent?.(name);
  }

  #unsendable(item: Item, error: unknown): void {
    const { name, entries, isRequested, held } = item;
    if (held === undefined) this.sent.delete(name);
    else this.sent.set(name, held);
    this.#failing.add(name);
    const instead = this.#options.handlers.failed(name, entries, error);
    if (isRequested && instead !== item.resource) {
      if (instead && !this.#options.versionless) this.sent.set(name, instead.version);
      this.#send([{ ...item, resource: instead, isRequested: false }]);
      return;
    }
    const again = this.#busy.get(name);
    this.#busy.delete(name);
    if (again) this.#dirty.set(name, again);
    for (const entry of entries) this.#options.acked(entry);
  }

  /** Sends each resource in its own response. One of them is bad, and the client does not report which one. */
  #separate(items: readonly Item[]): void {
    for (const { name, resource, entries } of items) {
      const isForgotten = resource && !this.#options.versionless && this.sent.get(name) !== resource.version;
      if (isForgotten) {
        for (const entry of entries) this.#options.acked(entry);
        continue;
      }
      this.#alone.add(name);
      // The events of this response are older than the events that arrived since.
      const since = this.#dirty.get(name) ?? [];
      this.#dirty.set(name, [...entries, ...since]);
      // The target state is sent again in any case, because it is unknown which version the client holds.
      this.request(name);
    }
  }

  #put(name: string, entries: readonly Entry[]): void {
    const place = this.#busy.has(name) ? this.#busy : this.#postponed.has(name) ? this.#postponed : this.#dirty;
    const there = place.get(name);
    if (there) there.push(...entries);
    else place.set(name, [...entries]);
  }

  #collect(batch: number): Item[] {
    const items: Item[] = [];
    let bytes = 0;
    for (let next = this.#dirty.peek(); next && !this.#slice.isOver; next = this.#dirty.peek()) {
      const [name, entries] = next;
      const isAlone = this.#alone.has(name) || this.#large.has(name);
      if (isAlone && items.length > 0) break;
      this.#dirty.endTurn(name);
      const target = this.#target(name, entries);
      if (target === 'later') {
        this.#postponed.set(name, entries);
        continue;
      }
      const resource = typeof target === 'string' ? undefined : target;
      this.#slice.built(resource?.body.length ?? 0);
      if (this.#large.isFirst(name, resource)) {
        this.#dirty.set(name, entries);
        continue;
      }
      if (target === 'failed') {
        for (const entry of entries) this.#options.acked(entry);
        continue;
      }
      if (target === 'keep' || this.#isCurrent(name, resource)) {
        this.#settle(name, resource, entries);
        continue;
      }
      const isRequested = this.#requested.delete(name);
      const held = this.sent.get(name);
      if (resource && !this.#options.versionless) this.sent.set(name, resource.version);
      else this.sent.delete(name);
      this.#busy.set(name, undefined);
      items.push({ name, resource, entries, isRequested, held });
      bytes += resource?.body.length ?? 0;
      if (isAlone || items.length === batch || bytes >= LARGE) break;
    }
    return items;
  }

  /** Returns the target state of a name; `failed` when it could not be built, and the client waits for no response. */
  #target(name: string, entries: Entry[]): Target | 'failed' {
    try {
      const target = this.#options.handlers.target(name);
      this.#failing.delete(name);
      return target;
    } catch (error) {
      this.#failing.add(name);
      // The handler throws an error that affects more than this name. The name is then still due.
      this.#dirty.set(name, entries);
      const instead = this.#options.handlers.failed(name, entries, error);
      this.#dirty.delete(name);
      return this.#requested.has(name) ? (instead ?? 'absent') : 'failed';
    }
  }

  #isCurrent(name: string, resource: XdsResource | undefined): boolean {
    if (this.#options.versionless || this.#requested.has(name)) return false;
    if (!resource && this.#rejected.has(name)) return false;
    return this.sent.get(name) === resource?.version;
  }

  #finish(nonce: string): Item[] {
    const items = this.#underWay.get(nonce) ?? [];
    this.#underWay.delete(nonce);
    this.#bytes -= this.#large.answered(items);
    for (const { name } of items) {
      const again = this.#busy.get(name);
      this.#busy.delete(name);
      if (again) this.#dirty.set(name, again);
    }
    return items;
  }
}
