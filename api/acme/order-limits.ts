import { getDomain } from 'tldts';
import { coversPlatform, ownsPlatform } from '../domains/platform.ts';
import type { Settings } from '../settings.ts';
import type { OrderCounts, OrderLimits } from '../store/acme-orders.ts';
import type { NameRow } from '../store/automatic.ts';
import type { Store } from '../store/store.ts';

const MINUTE = 60 * 1000;
const HOUR = 60 * MINUTE;
/** The largest number of orders that are open at the same time. Let’s Encrypt accepts 300. */
const MOST_OPEN = 100;

/** The domain for which an authority counts the orders of a name. @example registeredDomain('*.a.example.co.uk') // 'example.co.uk' */
export const registeredDomain = (name: string): string =>
  getDomain(name.replace(/^\*\./, ''), { allowPrivateDomains: true, validateHostname: false }) ?? name;

/** Why an order must wait, in words, and when it is tried again, in milliseconds. */
export class Full {
  readonly reason: string;
  readonly wait: number;

  /** @param wait always the same for one reason, so that no name is overtaken for long */
  constructor(reason: string, wait = 10 * MINUTE) {
    this.reason = reason;
    this.wait = wait;
  }
}

/**
 * Makes an order of a tenant that counts towards the limits of the authority, so that it rejects none.
 *
 * @param order makes the order. If it throws, the order does not count
 * @returns the order; or why it must wait
 */
export async function withinLimits<T>(
  {
    store,
    settings,
  }: {
    store: Pick<Store, 'acmeOrders'>;
    settings: Pick<Settings, 'acmeOrders' | 'acmeDomainOrders' | 'platformDomain' | 'platformGateway'>;
  },
  { tenant, name }: Pick<NameRow, 'tenant' | 'name'>,
  now: number,
  order: () => Promise<T>,
): Promise<T | Full> {
  const limits: OrderLimits = {
    ...{ all: settings.acmeOrders, period: 3 * HOUR },
    ...{ ...shareOf(settings, tenant, name), domainPeriod: 7 * 24 * HOUR },
    open: MOST_OPEN,
  };
  const id = crypto.randomUUID();
  const domain = registeredDomain(name);
  const made = await store.acmeOrders.count({ id, tenant, domain, at: now }, limits);
  if (made) return fullOf(made, limits, domain);
  try {
    return await order();
  } catch (error) {
    await store.acmeOrders.undo(id);
    throw error;
  }
}

/**
 * The orders for one registered domain that a tenant may make. All tenants have names on the domain of the platform, so
 * they get only half of its orders, and each of them a tenth: the platform's own certificate can always be renewed.
 */
function shareOf(
  settings: Pick<Settings, 'acmeDomainOrders' | 'platformDomain' | 'platformGateway'>,
  tenant: string,
  name: string,
): Pick<OrderLimits, 'ofDomain' | 'ofDomainAndTenant'> {
  const all = settings.acmeDomainOrders;
  if (!coversPlatform(settings, name) || ownsPlatform(settings, tenant))
    return { ofDomain: all, ofDomainAndTenant: all };
  return { ofDomain: Math.ceil(all / 2), ofDomainAndTenant: Math.ceil(all / 10) };
}

function fullOf(
  { all, ofTenant, ofDomain, ofDomainAndTenant, open }: OrderCounts,
  limits: OrderLimits,
  domain: string,
): Full {
  const most = Math.ceil((limits.all - (all - ofTenant)) / 2);
  if (open >= limits.open) return new Full(`${limits.open} orders are open`, MINUTE);
  if (all >= limits.all)
    return new Full(`${limits.all} orders, as many as the authority accepts, have been made in the last three hours`);
  if (ofDomain >= limits.ofDomain)
    return new Full(
      `${limits.ofDomain} orders, as many as are possible, have been made for ${domain} in the last seven days`,
    );
  if (ofDomainAndTenant >= limits.ofDomainAndTenant)
    return new Full(
      `${limits.ofDomainAndTenant} orders, as many as one tenant may make, have been made for ${domain} in the last seven days`,
    );
  return new Full(
    `${most} orders, half of those that other tenants leave, have been made for the tenant in the last three hours`,
  );
}
