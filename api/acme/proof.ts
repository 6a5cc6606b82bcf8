import type { Services } from '../context.ts';
import { isProven } from '../domains/proven.ts';

/**
 * Whether a tenant has proven that a name is its own; the reason in words if it has not. No certificate is requested
 * then.
 */
export type Proof = (tenant: string, name: string) => Promise<true | string>;

export const proofFrom =
  (services: Services): Proof =>
  async (tenant, name) =>
    (await isProven(services, tenant, name)) ||
    `the tenant has not proven ${name}: claim its domain at /v1/tenants/${tenant}/domains, and publish the record`;
