import { type Kind, perKind } from '../../../model/kinds/index.ts';

/** The amounts to which limits apply, by kind: hosts of gateways, hosts of routes, and endpoints of upstreams. */
export type Amounts = Record<Kind, number>;

/** The amounts of a tenant without resources: 0 for each kind. */
export const noAmounts = (): Amounts => perKind(() => 0);
