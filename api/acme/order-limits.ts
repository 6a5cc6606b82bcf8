import { getDomain } from 'tldts';
import type { Services } from '../context.ts';
import type { NameRow } from '../store/automatic.ts';

const HOUR = 60 * 60 * 1000;
/** The period for which `GATEHOUSE_ACME_ORDERS` counts orders, in milliseconds. */
const PERIOD = 3 * HOUR;
/** The period for which `GATEHOUSE_ACME_DOMAIN_ORDERS` counts orders, in milliseconds. */
const DOMAIN_PERIOD = 7 * 24 * HOUR;
/** The largest number of orders that are open at the same time. */
const MOST_OPEN = 100;

/** The domain for which an authority counts the orders of a name. @example registeredDomain('*.a.example.co.uk') // 'example.co.uk' */
export const registeredDomain = (name: string): string =>
  getDomain(name.replace(/^\*\./, ''), { allowPrivateDomains: true, validateHostname: false }) ?? name;

/** Keeps the orders below the limits of the authority, so that it rejects none. */
export class OrderLimits {
  readonly #services: Services;
  /** The orders that are being made, which no row shows yet. */
  readonly #reserved = new Map<NameRow, string>();

  constructor(services: Services) {
    this.#services = services;
  }

  /**
   * Reserves an order for a name.
   *
   * @returns the reason in words why it must wait; undefined when the order may be made. {@link release} must follow
   */
  async reserve(row: NameRow, domain: string, now: number): Promise<string | undefined> {
    const { store, settings } = this.#services;
    const { acmeOrders, acmeDomainOrders } = settings;
    const { tenant } = row;
    const stored = await store.automatic.orders({
      ...{ since: now - PERIOD, tenant },
      ...{ domain, domainSince: now - DOMAIN_PERIOD },
    });
    const { size } = this.#reserved;
    if (stored.open + size >= MOST_OPEN) return `${MOST_OPEN} orders are open`;
    if (stored.all + size >= acmeOrders)
      return `${acmeOrders} orders, as many as the authority accepts, have been made in the last three hours`;
    const most = Math.ceil(acmeOrders / 2);
    const ofTenant = [...this.#reserved.keys()].filter((each) => each.tenant === tenant).length;
    if (stored.ofTenant + ofTenant >= most)
      return `${most} orders, half of those that the authority accepts, have been made for the tenant in the last three hours`;
    const ofDomain = [...this.#reserved.values()].filter((each) => each === domain).length;
    if (stored.ofDomain + ofDomain >= acmeDomainOrders)
      return `${acmeDomainOrders} orders, as many as the authority accepts, have been made for ${domain} in the last seven days`;
    this.#reserved.set(row, domain);
    return undefined;
  }

  /** Ends the reservation, if there is one: the row has been stored. */
  release(row: NameRow): void {
    this.#reserved.delete(row);
  }
}
