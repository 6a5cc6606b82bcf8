import type { Principal } from '../access/principal.ts';
import type { Target } from '../access/target.ts';
import type { Services } from '../context.ts';
import { preferredWait } from './prefer.ts';
import type { Allowance } from './rate-limit.ts';
import { type Contract, costOf } from './route.ts';

/** The units that a request with `Prefer: wait` counts in addition. */
const WAIT_COST = 5;

/** What a request is charged to. */
interface Account {
  tenant: string;
  /** The name of its bucket. */
  bucket: string;
}

/**
 * Charges a request to a tenant, by what it costs. Requests of the tenant's tokens and members have one bucket. Those
 * of the agents that serve only this tenant have another, so that neither delays the other.
 *
 * @returns undefined when the request is charged to no tenant, or when the tenant has no limit
 * @throws Problem `too-many-requests`
 */
export async function charge(
  services: Services,
  contract: Contract,
  { headers }: Request,
  { principal, target, now }: { principal: Principal; target: Target; now: number },
): Promise<Allowance | undefined> {
  const account = await accountOf(services, principal, target, now);
  if (!account) return undefined;
  const isWaiting = contract.method !== 'get' && preferredWait(headers.get('prefer')) !== undefined;
  const cost = costOf(contract) + (isWaiting ? WAIT_COST : 0);
  return services.rate.charge(account.bucket, await services.plans.rateOf(account.tenant, now), cost, now);
}

async function accountOf(
  { fleets }: Services,
  principal: Principal,
  { tenant }: Target,
  now: number,
): Promise<Account | undefined> {
  if (principal.type === 'agent') {
    const served = (await fleets.find(principal.fleet, now))?.tenant;
    return served === undefined ? undefined : { tenant: served, bucket: `agents/${served}` };
  }
  // The staff of the platform neither uses up the rate of a tenant, nor is delayed by it.
  const isCharged =
    principal.type === 'token' || (principal.type === 'person' && principal.memberships.has(tenant ?? ''));
  return isCharged && tenant !== undefined ? { tenant, bucket: `tenant/${tenant}` } : undefined;
}
