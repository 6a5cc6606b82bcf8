import type { TypeUrl, XdsResource } from '../xds/resource.ts';
import type { Entry } from './ledger.ts';

/** What a client should hold under a name: a resource, nothing, whatever it holds already, or not to be said yet. */
export type Desired = XdsResource | 'absent' | 'keep' | 'later';

export interface LaneOptions {
  type: TypeUrl;
  /** Resources a response, at most. */
  batch: number;
  /** Responses under way; more would only queue up before a slow client. */
  window: number;
  /** Bytes under way, but for a response that is larger by itself: what comes after them waits until the client has read them. */
  bytes?: number;
  /** Whose turn a name takes. */
  tenantOf?: (name: string) => string;
  desired: (name: string) => Desired;
  send: (type: TypeUrl, resources: readonly XdsResource[], removed: readonly string[]) => string;
  /** Called when a name is under way: what refers to it may follow. */
  left?: (name: string) => void;
  /** Called once a name is acknowledged, before its events are reported. */
  settled?: (name: string, resource: XdsResource | undefined, entries: readonly Entry[]) => void;
  refused?: (name: string, resource: XdsResource | undefined, entries: readonly Entry[], message: string) => void;
  /**
   * Called when one name could not be built, sent or settled. The error concerns this name alone; a callback throws
   * errors that concern more.
   *
   * @returns the resource for a client that waits for the name; undefined = the name does not exist
   */
  failed: (name: string, entries: readonly Entry[], error: unknown) => XdsResource | undefined;
  acked: (entry: Entry) => void;
  /** Forget versions once acknowledged: for types whose every resource is sent and whose content follows from its name. */
  versionless?: true;
}
