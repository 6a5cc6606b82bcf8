import { Problem } from '../problem.ts';
import type { Turns } from '../store/turns.ts';

/** The number of checks that requests run at the same time in this process. */
const AT_ONCE = 16;

/**
 * The checks of domains that requests run in this process. One check may send a hundred queries to servers that the tenant
 * has chosen, so a tenant runs one at a time.
 */
export class DomainChecks {
  readonly #tenants = new Set<string>();
  readonly #turns: Turns | undefined;
  #begun = 0;

  /** @param turns queues the checks of many tenants. Absent on Workers, where a request must not wait for another one */
  constructor(turns?: Turns) {
    this.#turns = turns;
  }

  /** @throws Problem `too-many-requests` while another check of the tenant runs or waits */
  async run<T>(tenant: string, work: () => Promise<T>): Promise<T> {
    if (this.#tenants.has(tenant))
      throw new Problem('too-many-requests', {
        detail: 'another domain of the tenant is being checked',
        headers: { 'retry-after': '5' },
      });
    this.#tenants.add(tenant);
    try {
      return await (this.#turns?.run(`domain check ${this.#begun++ % AT_ONCE}`, work) ?? work());
    } finally {
      this.#tenants.delete(tenant);
    }
  }
}
