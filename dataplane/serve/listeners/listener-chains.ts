import { hash } from 'node:crypto';
import type { CompiledListener } from '../../compile/index.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';

export interface ListenerChainsOptions {
  /** Sends the listener again. */
  resend: (listener: string) => void;
  /** Called when Envoy rejected the listener because of this chain. */
  rejected: (listener: string, chain: string, tenant: string, message: string) => void;
  /** Called when Envoy accepted the chain, or when the chain no longer exists. */
  settled: (listener: string, chain: string) => void;
}

/** One version of a tenant's filter chain. */
interface Chain {
  tenant: string;
  version: string;
}

interface State {
  /** The tenants' chains in the version that was sent last, by name. */
  sent: Map<string, Chain>;
  /** The versions of the tenants' chains that the client accepted, by name of the chain. */
  accepted: Map<string, string>;
  /** The chains that are left out of the listener, by name. A chain that was not tried alone is only a suspect. */
  leftOut: Map<string, Chain & { isTried: boolean }>;
  /** The suspect that is added to the listener, to find out whether Envoy accepts it. */
  onTrial: string | undefined;
}

/**
 * Finds the tenants' filter chains because of which one client rejects a listener, and leaves them out of the listener.
 *
 * Envoy accepts or rejects a listener as a whole, and does not always name the chain at fault. The search has three
 * steps:
 *
 * 1. After a NACK, the suspects are the chains that the client has not accepted before. If the message names some of
 *    them, only these are suspects. The listener is sent again without the suspects.
 * 2. If the client accepts the listener, each suspect is added alone. A suspect with which the client rejects the
 *    listener is at fault.
 * 3. If the client rejects the listener without all suspects too, no chain is at fault.
 */
export class ListenerChains {
  readonly #options: ListenerChainsOptions;
  readonly #states = new Map<string, State>();

  constructor(options: ListenerChainsOptions) {
    this.#options = options;
  }

  /**
   * Decides which chains are left out of a listener. The caller sends the listener, unless the client holds that
   * version.
   *
   * @returns the names of the chains to leave out
   */
  without({ name: listener, chains }: CompiledListener): ReadonlySet<string> {
    const owned = new Map<string, Chain>();
    for (const { owner, chain } of chains)
      if (owner !== undefined) owned.set(chain.name, { tenant: owner, version: versionOf(chain) });
    if (owned.size === 0 && !this.#states.has(listener)) return NONE;
    const state = this.#state(listener);
    for (const [name, { version }] of state.leftOut) {
      if (owned.get(name)?.version === version) continue;
      state.leftOut.delete(name);
      if (!owned.has(name)) this.#options.settled(listener, name);
    }
    if (state.onTrial !== undefined && !state.leftOut.has(state.onTrial)) state.onTrial = undefined;
    const without = new Set([...state.leftOut.keys()].filter((name) => name !== state.onTrial));
    state.sent = new Map([...owned].filter(([name]) => !without.has(name)));
    return without;
  }

  /** Lists the listeners in which the tenant has a filter chain, even if the chain is left out. */
  of(tenant: string): string[] {
    const has = (chains: Iterable<Chain>) => [...chains].some((chain) => chain.tenant === tenant);
    return [...this.#states].flatMap(([listener, { sent, leftOut }]) =>
      has(sent.values()) || has(leftOut.values()) ? listener : [],
    );
  }

  /** Handles the client's ACK of the listener that was sent last. */
  acked(listener: string): void {
    const state = this.#states.get(listener);
    if (!state) return;
    state.accepted = new Map([...state.sent].map(([name, { version }]) => [name, version]));
    for (const name of state.sent.keys()) this.#options.settled(listener, name);
    if (state.onTrial !== undefined) state.leftOut.delete(state.onTrial);
    this.#tryNext(listener, state);
  }

  /**
   * Handles the client's NACK of the listener that was sent last.
   *
   * @returns false when no tenant's chain is at fault
   */
  nacked(listener: string, message: string): boolean {
    const state = this.#states.get(listener);
    if (!state) return false;
    const { onTrial, leftOut, sent } = state;
    if (onTrial !== undefined) {
      const { tenant, version } = leftOut.get(onTrial)!; // a chain on trial is one that was left out
      leftOut.set(onTrial, { tenant, version, isTried: true });
      this.#options.rejected(listener, onTrial, tenant, message);
      state.onTrial = undefined;
      if (!this.#tryNext(listener, state)) this.#options.resend(listener);
      return true;
    }
    const unknown = [...sent].filter(([name, { version }]) => state.accepted.get(name) !== version);
    const named = unknown.filter(([name]) => message.includes(name));
    const suspects = named.length > 0 ? named : unknown;
    if (suspects.length === 0) {
      for (const [name, { isTried }] of leftOut) if (!isTried) leftOut.delete(name);
      return false;
    }
    for (const [name, chain] of suspects) leftOut.set(name, { ...chain, isTried: false });
    this.#options.resend(listener);
    return true;
  }

  /** Sends the listener with the next suspect added. Returns false when there is no suspect left. */
  #tryNext(listener: string, state: State): boolean {
    state.onTrial = [...state.leftOut].find(([, { isTried }]) => !isTried)?.[0];
    if (state.onTrial === undefined) return false;
    this.#options.resend(listener);
    return true;
  }

  #state(listener: string): State {
    let state = this.#states.get(listener);
    if (!state) {
      state = { sent: new Map(), accepted: new Map(), leftOut: new Map(), onTrial: undefined };
      this.#states.set(listener, state);
    }
    return state;
  }
}

const NONE: ReadonlySet<string> = new Set();

const versionOf = (chain: FilterChain): string => hash('sha256', FilterChain.encode(chain).finish(), 'base64url');
