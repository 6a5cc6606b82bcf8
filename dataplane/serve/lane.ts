import type { XdsResource } from '../xds/resource.ts';
import type { LaneOptions, Target } from './lane-options.ts';
import type { Entry } from './ledger.ts';
import { Turns } from './turns.ts';

interface Item {
  name: string;
  resource: XdsResource | undefined;
  entries: Entry[];
  /** Whether the client asked for the name and waits for an answer. */
  asked: boolean;
  /** The version that the client held before this one was sent; undefined when it held none. */
  held: string | undefined;
}

/**
 * The largest size of one response in bytes, unless a single resource is larger. It is also the default limit for all
 * responses that are under way (sent, but not yet acknowledged).
 */
const LARGE = 256 * 1024;

/**
 * Sends the resources of one type to one client. Each name is in one of four states:
 *
 * - clean: the client holds the target state of the name.
 * - dirty: the name is due, so the lane sends its target state next.
 * - under way: the lane sent the resource, and the client has not yet acknowledged or rejected it.
 * - held back: the name is due, but another resource must be sent first.
 *
 * When a resource changes several times while it is under way, the lane sends it once more, in its latest state. So a
 * slow client costs one dirty flag per name instead of a growing queue. Tenants are served round robin, so a tenant
 * with many changes does not delay the others.
 *
 * The lane sends resources together that are due at the same time. Envoy rejects a whole response for one bad resource.
 * After a NACK, the lane therefore sends each resource of the response again in a response of its own, until the client
 * accepts it.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #dirty: Turns;
  readonly #heldBack = new Map<string, Entry[]>();
  readonly #underWay = new Map<string, Item[]>();
  #bytes = 0;
  /** Names under way. The value lists the feed events that changed the name after it was sent. */
  readonly #busy = new Map<string, Entry[] | undefined>();
  /** Names for which the client waits. The lane sends them even if the client already holds their target state. */
  readonly #asked = new Set<string>();
  /** Names that were in a rejected response: each is sent in a response of its own until the client accepts it. */
  readonly #alone = new Set<string>();
  /** Names that could not be built or sent. */
  readonly #failing = new Set<string>();
  /** Names whose last answered version the client rejected. The client may still hold an earlier version. */
  readonly #rejected = new Set<string>();
  /** The version that was last sent, by name. */
  readonly sent = new Map<string, string>();

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#dirty = new Turns(options.turnOf);
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

  /**
   * Marks a name as due, because the client may not hold its target state.
   *
   * @param entry the feed event that changed the name; it stays unacknowledged until the client answers
   */
  mark(name: string, entry?: Entry): void {
    if (entry) entry.toAck++;
    this.#put(name, entry ? [entry] : []);
  }

  /** Notes that the client asked for this name, so that the lane answers in any case. */
  ask(name: string): void {
    this.sent.delete(name);
    this.#asked.add(name);
    this.mark(name);
  }

  /** Drops the state of a name from which the client unsubscribed. Events that waited for the name are acknowledged. */
  forget(name: string): void {
    this.sent.delete(name);
    this.#asked.delete(name);
    this.#alone.delete(name);
    this.#failing.delete(name);
    this.#rejected.delete(name);
    for (const place of [this.#dirty, this.#heldBack]) {
      for (const entry of place.get(name) ?? []) this.#options.acked(entry);
      place.delete(name);
    }
  }

  /** Makes a name due again that was held back. */
  reconsider(name: string): void {
    const entries = this.#heldBack.get(name);
    if (!entries) return;
    this.#heldBack.delete(name);
    this.#dirty.set(name, entries);
  }

  /** Makes all names due again that were held back. */
  reconsiderAll(): void {
    for (const name of [...this.#heldBack.keys()]) this.reconsider(name);
  }

  /** Sends due names until nothing is due or the limits on responses under way are reached. */
  flush(): void {
    while (this.#dirty.size > 0 && this.#hasRoom) {
      const items = this.#take(this.#options.batch);
      if (items.length > 0) this.#send(items);
    }
  }

  get #hasRoom(): boolean {
    const { window, bytes = LARGE } = this.#options;
    return this.#underWay.size === 0 || (this.#underWay.size < window && this.#bytes < bytes);
  }

  /** Handles the client's acknowledgement (ACK) of the response with this nonce. */
  ack(nonce: string): void {
    for (const item of this.#finish(nonce)) {
      this.#alone.delete(item.name);
      this.#rejected.delete(item.name);
      this.#settle(item.name, item.resource, item.entries);
    }
  }

  /** Whether the name is dirty, held back or under way. */
  isPending(name: string): boolean {
    return this.#dirty.has(name) || this.#heldBack.has(name) || this.#busy.has(name);
  }

  /**
   * Cancels the pending send of a name that is dirty or held back.
   *
   * @returns the events that waited for it; the caller acknowledges them
   */
  abandon(name: string): Entry[] {
    const entries = [...(this.#dirty.get(name) ?? []), ...(this.#heldBack.get(name) ?? [])];
    this.#dirty.delete(name);
    this.#heldBack.delete(name);
    this.sent.delete(name);
    this.#asked.delete(name);
    return entries;
  }

  /**
   * Handles the client's rejection (NACK) of the response with this nonce.
   *
   * @param message the client's error text
   */
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
    // A substitute for a resource that cannot be built or sent settles no event.
    if (!this.#failing.has(name))
      this.#confine(name, entries, () => this.#options.handlers.acked(name, resource, entries));
    for (const entry of entries) this.#options.acked(entry);
  }

  /** Runs work for one name and reports its error, so that the error does not affect other names. */
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
      this.#bytes += bytesOf(items);
    } catch (error) {
      if (items.length > 1) for (const item of items) this.#send([item]);
      else for (const item of items) this.#unsendable(item, error);
      return;
    }
    for (const { name } of items) handlers.sent?.(name);
  }

  /** Handles a response with one resource that could not be sent. A client that waits gets the handler's substitute. */
  #unsendable(item: Item, error: unknown): void {
    const { name, entries, asked, held } = item;
    if (held === undefined) this.sent.delete(name);
    else this.sent.set(name, held);
    this.#failing.add(name);
    const instead = this.#options.handlers.failed(name, entries, error);
    if (asked && instead !== item.resource) {
      if (instead && !this.#options.versionless) this.sent.set(name, instead.version);
      this.#send([{ ...item, resource: instead, asked: false }]);
      return;
    }
    const again = this.#busy.get(name);
    this.#busy.delete(name);
    if (again) this.#dirty.set(name, again);
    for (const entry of entries) this.#options.acked(entry);
  }

  /**
   * Schedules each resource of a rejected response for a response of its own. At least one of them is bad, and the
   * client does not say which.
   */
  #separate(items: readonly Item[]): void {
    for (const { name, resource, entries } of items) {
      const isForgotten = resource && !this.#options.versionless && this.sent.get(name) !== resource.version;
      if (isForgotten) {
        for (const entry of entries) this.#options.acked(entry);
        continue;
      }
      this.#alone.add(name);
      // The order matters: the events of this response are older than the events that arrived after it was sent.
      const since = this.#dirty.get(name) ?? [];
      this.#dirty.set(name, [...entries, ...since]);
      // It is not known which version the client holds, so the target state is sent again in any case.
      this.ask(name);
    }
  }

  #put(name: string, entries: readonly Entry[]): void {
    const place = this.#busy.has(name) ? this.#busy : this.#heldBack.has(name) ? this.#heldBack : this.#dirty;
    const there = place.get(name);
    if (there) there.push(...entries);
    else place.set(name, [...entries]);
  }

  /**
   * Removes due names from the queue for one response. Names that need no send are settled here.
   *
   * @param batch the largest number of resources in the response
   */
  #take(batch: number): Item[] {
    const items: Item[] = [];
    let bytes = 0;
    for (let next = this.#dirty.peek(); next; next = this.#dirty.peek()) {
      const [name, entries] = next;
      const isAlone = this.#alone.has(name);
      if (isAlone && items.length > 0) break;
      this.#dirty.take(name);
      const target = this.#target(name, entries);
      if (target === 'later') {
        this.#heldBack.set(name, entries);
        continue;
      }
      const resource = typeof target === 'string' ? undefined : target;
      if (target === 'failed') {
        for (const entry of entries) this.#options.acked(entry);
        continue;
      }
      if (target === 'keep' || this.#isCurrent(name, resource)) {
        this.#settle(name, resource, entries);
        continue;
      }
      const asked = this.#asked.delete(name);
      const held = this.sent.get(name);
      if (resource && !this.#options.versionless) this.sent.set(name, resource.version);
      else this.sent.delete(name);
      this.#busy.set(name, undefined);
      items.push({ name, resource, entries, asked, held });
      bytes += resource?.body.length ?? 0;
      if (isAlone || items.length === batch || bytes >= LARGE) break;
    }
    return items;
  }

  /**
   * Computes the target state of a name. `failed` means that it could not be built and the client keeps its version.
   */
  #target(name: string, entries: Entry[]): Target | 'failed' {
    try {
      const target = this.#options.handlers.target(name);
      this.#failing.delete(name);
      return target;
    } catch (error) {
      this.#failing.add(name);
      // The handler throws an error that concerns more than this name. The name stays due in that case.
      this.#dirty.set(name, entries);
      const instead = this.#options.handlers.failed(name, entries, error);
      this.#dirty.delete(name);
      return this.#asked.has(name) ? (instead ?? 'absent') : 'failed';
    }
  }

  #isCurrent(name: string, resource: XdsResource | undefined): boolean {
    if (this.#options.versionless || this.#asked.has(name)) return false;
    if (!resource && this.#rejected.has(name)) return false;
    return this.sent.get(name) === resource?.version;
  }

  #finish(nonce: string): Item[] {
    const items = this.#underWay.get(nonce) ?? [];
    this.#underWay.delete(nonce);
    this.#bytes -= bytesOf(items);
    for (const { name } of items) {
      const again = this.#busy.get(name);
      this.#busy.delete(name);
      if (again) this.#dirty.set(name, again);
    }
    return items;
  }
}

const bytesOf = (items: readonly Item[]): number =>
  items.reduce((sum, { resource }) => sum + (resource?.body.length ?? 0), 0);
