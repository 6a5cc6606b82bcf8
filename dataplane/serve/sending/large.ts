import type { XdsResource } from '../../xds/resource.ts';
import { bytesOf, type Item } from './item.ts';

/** After a large resource that took some time, its tenant's next one waits this many times as long. */
const REST = 3;
/** The longest wait after one resource, in ms. A client that hangs for a while must not cost the tenant much more. */
const LONGEST_REST_MS = 2000;

export interface LargeOptions {
  /** A resource with this many bytes is large. By default, none is. */
  large?: number;
  /** Returns the tenant in whose turn the lane sends a name. */
  turnOf: (name: string) => string;
  /** Called when names that had to wait may be sent. */
  wake: () => void;
}

/**
 * Large resources of one lane. A client needs long for one of them, and answers nobody else meanwhile. So one is under
 * way at a time, in a response of its own, and a tenant that keeps changing large resources gets a quarter of the
 * client's time. What changes while it waits is sent as one version. A name that the client requested does not wait.
 */
export class Large {
  readonly #options: LargeOptions;
  /** The names whose last resource was large. */
  readonly #names = new Set<string>();
  /** The large resources under way, with the time at which each was sent. */
  readonly #underWay = new Map<string, number>();
  /** When each tenant may send the next one. */
  readonly #rests = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LargeOptions) {
    this.#options = options;
  }

  /** Whether this name is sent alone, because it was large before. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Whether this name must wait. */
  waits(name: string, isRequested: boolean): boolean {
    if (!this.#names.has(name)) return false;
    if (this.#underWay.size > 0) return true;
    return !isRequested && (this.#rests.get(this.#options.turnOf(name)) ?? 0) > performance.now();
  }

  /** Notes a resource that is due. @returns whether it is the first large one of its name */
  isFirst(name: string, resource: XdsResource | undefined): boolean {
    const isKnown = this.#names.has(name);
    if (this.#isLarge(resource)) this.#names.add(name);
    else this.#names.delete(name);
    return !isKnown && this.#names.has(name);
  }

  /** Notes the resources of a response. @returns the bytes of those that are not large */
  sent(items: readonly Item[]): number {
    for (const { name, resource } of items) if (this.#isLarge(resource)) this.#underWay.set(name, performance.now());
    return this.#bytesOf(items);
  }

  /** Notes that the client has answered a response. @returns the bytes of those resources that are not large */
  answered(items: readonly Item[]): number {
    for (const { name, isRequested } of items) {
      const sent = this.#underWay.get(name);
      this.#underWay.delete(name);
      if (sent !== undefined && !isRequested) this.#rest(this.#options.turnOf(name), performance.now() - sent);
    }
    return this.#bytesOf(items);
  }

  forget(name: string): void {
    this.#names.delete(name);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#rests.clear();
  }

  #rest(tenant: string, took: number): void {
    const now = performance.now();
    this.#rests.set(tenant, now + Math.min(REST * took, LONGEST_REST_MS));
    this.#timer ??= this.#wakeLater(now);
  }

  #wakeLater(now: number): NodeJS.Timeout | undefined {
    if (this.#rests.size === 0) return undefined;
    const wait = Math.min(...this.#rests.values()) - now;
    return setTimeout(() => this.#wake(), Math.max(1, Math.ceil(wait))).unref();
  }

  #wake(): void {
    const now = performance.now();
    for (const [tenant, until] of this.#rests) if (until <= now) this.#rests.delete(tenant);
    this.#timer = this.#wakeLater(now);
    this.#options.wake();
  }

  #isLarge(resource: XdsResource | undefined): boolean {
    const { large = Number.POSITIVE_INFINITY } = this.#options;
    return resource !== undefined && resource.body.length >= large;
  }

  #bytesOf(items: readonly Item[]): number {
    return bytesOf(items.filter(({ resource }) => !this.#isLarge(resource)));
  }
}
