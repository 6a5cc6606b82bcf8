import type { Kind, SpecOf } from '../../model/kinds/index.ts';
import { endpointCount } from '../../model/quotas/endpoint-count.ts';
import { type Hosted, hostCount } from '../../model/quotas/host-count.ts';

/** Kinds of which a tenant may have a limited amount: hosts of gateways and of routes, endpoints of upstreams. */
export type Counted = Hosted | 'upstream';
export type Amounts = Record<Counted, number>;

export const isCounted = (kind: Kind): kind is Counted => kind !== 'certificate';
export const noAmounts = (): Amounts => ({ gateway: 0, route: 0, upstream: 0 });

/** Of one resource; 0 of a kind that is not counted. */
export function amountOf(kind: Kind, spec: SpecOf<Kind>): number {
  if (kind === 'upstream') return endpointCount(spec as SpecOf<'upstream'>); // the spec is of that kind
  return hostCount(spec);
}
