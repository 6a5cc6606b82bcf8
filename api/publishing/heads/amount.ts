import { type Kind, perKind } from '../../../model/kinds/index.ts';

/** Per kind, what its resources count towards their limit: hosts of gateways and of routes, endpoints of upstreams. */
export type Amounts = Record<Kind, number>;

/** The amounts of a tenant without resources: 0 for each kind. */
export const noAmounts = (): Amounts => perKind(() => 0);
