import { getDomain } from 'tldts';
import { coversPlatform, ownsPlatform } from '../domains/platform.ts';
import type { Settings } from '../settings.ts';
import type { OrderCounts, OrderLimits } from '../store/acme-orders.ts';
import type { NameRow } from '../store/automatic.ts';
import type { Store } from '../store/store.ts';

const HOUR = 60 * 60 * 1000;
/** The largest number of orders that are open at the same time. Let’s Encrypt accepts 300. */
const MOST_OPEN = 100;

/** The settings from which the limits of orders follow. */
export type LimitSettings = Pick<Settings, 'acmeOrders' | 'acmeDomainOrders' | 'platformDomain' | 'platformGateway'>;

/** Names whose orders have the same limits. */
export interface OrderGroup {
  /** The tenant that uses the names. */
  tenant: string;
  /** The registered domain of the names. */
  domain: string;
  /** Whether the names are on the domain of the platform. */
  isOnPlatform: boolean;
}

export const groupOf = (settings: LimitSettings, tenant: string, name: string): OrderGroup => ({
  tenant,
  domain: registeredDomain(name),
  isOnPlatform: coversPlatform(settings, name),
});

/** The domain for which an authority counts the orders of a name. @example registeredDomain('*.a.example.co.uk') // 'example.co.uk' */
export const registeredDomain = (name: string): string =>
  getDomain(name.replace(/^\*\./, ''), { allowPrivateDomains: true, validateHostname: false }) ?? name;

/**
 * Returns the limits of the orders of a group. All tenants have names on the domain of the platform, so they get only
 * half of its orders, and each of them a tenth: the platform's own certificate can always be renewed.
 */
export function limitsOf(settings: LimitSettings, { tenant, isOnPlatform }: OrderGroup): OrderLimits {
  const { acmeOrders: all, acmeDomainOrders: domain } = settings;
  const isShared = isOnPlatform && !ownsPlatform(settings, tenant);
  return {
    ...{ all, period: 3 * HOUR, domainPeriod: 7 * 24 * HOUR, open: MOST_OPEN },
    ofDomain: isShared ? Math.ceil(domain / 2) : domain,
    ofDomainAndTenant: isShared ? Math.ceil(domain / 10) : domain,
  };
}

/** The number of orders in `all`'s period that a tenant gets: half of those that the other tenants leave. */
export const shareOf = ({ all, ofTenant }: OrderCounts, limits: OrderLimits): number =>
  Math.ceil((limits.all - (all - ofTenant)) / 2);

/** A limit that is reached, with its reason in words. */
interface Reached {
  limit: keyof OrderCounts;
  reason: string;
}

/** Lists the limits that orders of a group have reached. */
export function limitsReached(counts: OrderCounts, limits: OrderLimits, { domain }: OrderGroup): Reached[] {
  const share = shareOf(counts, limits);
  const made = (limit: keyof OrderCounts, most: number, reason: string) =>
    counts[limit] >= most ? [{ limit, reason: `${most} orders${reason}` }] : [];
  const inWeek = `have been made for ${domain} in the last seven days`;
  return [
    ...made('open', limits.open, ' are open'),
    ...made('all', limits.all, ', as many as the authority accepts, have been made in the last three hours'),
    ...made('ofDomain', limits.ofDomain, `, as many as are possible, ${inWeek}`),
    ...made('ofDomainAndTenant', limits.ofDomainAndTenant, `, as many as one tenant may make, ${inWeek}`),
    ...made(
      'ofTenant',
      share,
      ', half of those that other tenants leave, have been made for the tenant in the last three hours',
    ),
  ];
}

/** An order must wait. */
export class Full {
  /** In words. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * Makes an order of a tenant that counts towards the limits of the authority, so that it rejects none.
 *
 * @param order makes the order. If it throws, the order does not count
 * @returns the order; or why it must wait
 */
export async function withinLimits<T>(
  { store, settings }: { store: Pick<Store, 'acmeOrders'>; settings: LimitSettings },
  { tenant, name }: Pick<NameRow, 'tenant' | 'name'>,
  now: number,
  order: () => Promise<T>,
): Promise<T | Full> {
  const group = groupOf(settings, tenant, name);
  const limits = limitsOf(settings, group);
  const id = crypto.randomUUID();
  const made = await store.acmeOrders.count({ id, tenant, domain: group.domain, at: now }, limits);
  if (made) return new Full(limitsReached(made, limits, group)[0]?.reason ?? 'other orders were first');
  try {
    return await order();
  } catch (error) {
    await store.acmeOrders.undo(id);
    throw error;
  }
}
