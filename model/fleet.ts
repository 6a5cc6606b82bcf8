import type { Gateway } from './gateway.ts';
import { carries, type Labels } from './labels.ts';

/** What binding needs to know of a fleet of Envoys; the wire's and the store's descriptions are such. */
export interface Fleet {
  name: string;
  labels: Labels;
  /** `number` is the port clients and gateways name, `bind` the one Envoy opens. */
  ports: { number: number; bind: number; protocol: 'HTTP' | 'HTTPS' }[];
  /** Present on a fleet dedicated to one tenant. */
  tenant?: string;
  /** CIDRs no upstream may point to. */
  denyDestinations?: string[];
}

/** Whether the fleet serves this gateway of the tenant at all. */
export const selects = (gateway: Gateway, tenant: string, fleet: Fleet): boolean =>
  (fleet.tenant === undefined || fleet.tenant === tenant) && carries(fleet.labels, gateway.selector);
