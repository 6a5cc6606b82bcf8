import type { Fleet } from '../store/fleets.ts';

/** Returns the fleets that may serve a tenant, except the one that a request changes. */
export type OtherFleets = (tenant: string) => Promise<readonly Fleet[]>;
