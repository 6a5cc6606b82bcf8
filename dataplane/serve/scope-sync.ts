import { TYPES } from '../xds/resource.ts';
import type { Stream } from '../xds/stream.ts';
import type { Catalogue } from './catalogue.ts';
import type { Lane } from './lane.ts';
import type { Entry } from './ledger.ts';

const CHUNK = 1000;

/** Brings a client that has just subscribed to all scopes up to date, a chunk at a time as it acknowledges; changes meanwhile go their own way. */
export class ScopeSync {
  readonly #catalogue: Catalogue;
  readonly #stream: Stream;
  readonly #lane: Lane;
  /** Last key handed out; undefined = nothing to do. */
  #after: string | undefined;
  /** What the client held when it came. */
  #held: Set<string> | undefined;

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
    this.#after = '';
    this.#dropGone();
  }

  /** The catalogue has become complete: only now is a scope it does not know one that is gone. */
  completed(): void {
    this.#dropGone();
  }

  /** Not before scopes were subscribed to: Envoy answers nothing it did not ask for, and then it is told all there are. */
  mark(key: string, entry: Entry): void {
    if (this.#stream.wildcard(TYPES.scope)) this.#lane.mark(`s/${key}`, entry);
  }

  pump(): void {
    while (this.#after !== undefined && this.#lane.waiting < CHUNK) {
      const keys = this.#catalogue.scopesAfter(this.#after, CHUNK);
      for (const key of keys) if (!this.#held?.has(`s/${key}`)) this.#lane.mark(`s/${key}`);
      this.#after = keys.length < CHUNK ? undefined : keys.at(-1);
    }
  }

  #dropGone(): void {
    if (!this.#catalogue.complete || !this.#held) return;
    for (const name of this.#held) if (!this.#catalogue.scopeHolder(name.slice(2))) this.#lane.mark(name);
    if (this.#after === undefined) this.#held = undefined;
  }
}
