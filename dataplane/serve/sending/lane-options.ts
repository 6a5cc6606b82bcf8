import type { XdsResource } from '../../xds/resource.ts';
import type { Pace, TypeHandlers } from '../type.ts';
import type { Entry } from './ledger.ts';

/**
 * The target state of a name. It is the resource that the client should have, or one of these: `absent` for no resource,
 * `keep` for the resource that the client already has, `later` if the target state is not known yet.
 */
export type Target = XdsResource | 'absent' | 'keep' | 'later';

export interface LaneOptions extends Pace {
  /** Returns the tenant in whose turn the lane sends a name. */
  turnOf: (name: string) => string;
  /** Sends one response. @returns the nonce */
  send: (resources: readonly XdsResource[], removed: readonly string[]) => string;
  handlers: Pick<TypeHandlers, 'target' | 'acked' | 'nacked' | 'failed' | 'sent'>;
  /** Called when names that had to wait may be sent. */
  wake: () => void;
  /** Called once per mark of an event, when the marked name is settled. */
  acked: (entry: Entry) => void;
}
