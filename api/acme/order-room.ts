import type { Services } from '../context.ts';
import type { OrderCounts, OrderTally } from '../store/acme-orders.ts';
import { type LimitSettings, limitsOf, limitsReached, type OrderGroup, shareOf } from './order-limits.ts';

/** Why the names of a group wait, in words, and about when the next order is possible, in milliseconds since 1970. */
interface Wait {
  reason: string;
  until: number;
}

/** How many orders the limits of the authority leave to each group of names. */
export class OrderRoom {
  readonly #settings: LimitSettings;
  readonly #tally: OrderTally;
  readonly #now: number;

  /** @param tally `take` changes it */
  constructor(settings: LimitSettings, tally: OrderTally, now: number) {
    this.#settings = settings;
    this.#tally = tally;
    this.#now = now;
  }

  /** Reads the orders that have been made. */
  static async read({ store, settings }: Pick<Services, 'store' | 'settings'>, now: number): Promise<OrderRoom> {
    const limits = limitsOf(settings, { tenant: '', domain: '', isOnPlatform: false });
    return new OrderRoom(settings, await store.acmeOrders.tally(now, limits), now);
  }

  /** Returns the number of orders that are possible for a group. */
  of(group: OrderGroup): number {
    const limits = limitsOf(this.#settings, group);
    const counts = this.#counts(group);
    const left = (['open', 'all', 'ofDomain', 'ofDomainAndTenant'] as const).map((each) => limits[each] - counts[each]);
    return Math.max(0, Math.min(...left, shareOf(counts, limits) - counts.ofTenant));
  }

  /** Counts orders that a group is about to make. */
  take({ tenant, domain }: OrderGroup, number: number): void {
    const at = this.#now;
    this.#tally.rows.push({ tenant, domain, recent: number, all: number, oldestRecent: at, oldest: at });
    this.#tally.open += number;
  }

  /** Finds the limit that is reached for longest. @returns undefined when an order is possible */
  wait(group: OrderGroup): Wait | undefined {
    const limits = limitsOf(this.#settings, group);
    const { period, domainPeriod } = limits;
    const { recent, ofDomain, ofDomainAndTenant } = this.#rows(group);
    const ends = {
      open: this.#now,
      all: Math.min(...recent.map((row) => row.oldestRecent ?? 0)) + period,
      ofTenant: Math.min(...recent.map((row) => row.oldestRecent ?? 0)) + period,
      ofDomain: Math.min(...ofDomain.map((row) => row.oldest)) + domainPeriod,
      ofDomainAndTenant: Math.min(...ofDomainAndTenant.map((row) => row.oldest)) + domainPeriod,
    };
    return limitsReached(this.#counts(group), limits, group)
      .map(({ limit, reason }) => ({ reason, until: ends[limit] }))
      .sort((a, b) => b.until - a.until)[0];
  }

  #rows({ tenant, domain }: OrderGroup) {
    const { rows } = this.#tally;
    const ofDomain = rows.filter((row) => row.domain === domain);
    return {
      recent: rows.filter((row) => row.recent > 0),
      ofTenant: rows.filter((row) => row.tenant === tenant),
      ofDomain,
      ofDomainAndTenant: ofDomain.filter((row) => row.tenant === tenant),
    };
  }

  #counts(group: OrderGroup): OrderCounts {
    const { recent, ofTenant, ofDomain, ofDomainAndTenant } = this.#rows(group);
    const sum = (rows: OrderTally['rows'], member: 'recent' | 'all') =>
      rows.reduce((total, row) => total + row[member], 0);
    return {
      all: sum(recent, 'recent'),
      ofTenant: sum(ofTenant, 'recent'),
      ofDomain: sum(ofDomain, 'all'),
      ofDomainAndTenant: sum(ofDomainAndTenant, 'all'),
      open: this.#tally.open,
    };
  }
}
