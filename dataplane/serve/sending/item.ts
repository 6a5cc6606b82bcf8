import type { XdsResource } from '../../xds/resource.ts';
import type { Entry } from './ledger.ts';

/** A name in a response. */
export interface Item {
  name: string;
  resource: XdsResource | undefined;
  entries: Entry[];
  /** Whether the client waits for a response with this name. */
  isRequested: boolean;
  /** The version that the client holds. */
  held: string | undefined;
}

export const bytesOf = (items: readonly Item[]): number =>
  items.reduce((sum, { resource }) => sum + (resource?.body.length ?? 0), 0);
