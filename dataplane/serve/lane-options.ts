import type { XdsResource } from '../xds/resource.ts';
import type { Entry } from './ledger.ts';
import type { Pace, TypeHandlers } from './type.ts';

/**
 * The target state of a name: the resource that the client should hold, nothing (`absent`), whatever it holds already
 * (`keep`), or not known yet (`later`).
 */
export type Target = XdsResource | 'absent' | 'keep' | 'later';

export interface LaneOptions extends Pace {
  /** The tenant whose turn a name takes. */
  turnOf: (name: string) => string;
  /** Sends one response. @returns the nonce */
  send: (resources: readonly XdsResource[], removed: readonly string[]) => string;
  handlers: Pick<TypeHandlers, 'target' | 'acked' | 'nacked' | 'failed' | 'sent'>;
  /** Releases one hold of an event. */
  acked: (entry: Entry) => void;
}
