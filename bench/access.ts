import { authorize } from '../api/access/authorize.ts';
import type { Principal } from '../api/access/principal.ts';
import { round } from './statistics.ts';
import { tenantName } from './workload.ts';

export interface AccessOptions {
  /** Decisions measured per kind of caller. */
  decisions: number;
}

/** CPU time of one decision, in µs, by kind of caller. */
export type AccessResult = Record<keyof typeof callers, number>;

const TENANT = tenantName(0);
const memberships = new Map(Array.from({ length: 100 }, (_, index) => [tenantName(index), 'gateway-admin' as const]));
const token: Extract<Principal, { type: 'token' }> = { type: 'token', id: 'id', tenant: TENANT, scopes: ['write'] };

/** Callers that may write a route, in the ways in which the matrix finds that out. */
const callers = {
  operator: { type: 'operator', id: 'id' },
  token,
  limited_token: { ...token, kinds: ['route'], creator: { person: 'id', memberships } },
  member_of_100_tenants: { type: 'person', id: 'id', email: 'a@bench.example', session: 'id', memberships },
} satisfies Record<string, Principal>;

/** Measures how long the authorization of a write takes. It reads no database. */
export function access({ decisions }: AccessOptions): AccessResult {
  const cost = (principal: Principal) => {
    const run = () => {
      for (let n = 0; n < decisions; n++) authorize(principal, 'route:write', { tenant: TENANT });
    };
    // The JIT compiler warms up.
    run();
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return round((user + system) / decisions, 3);
  };
  const measured = Object.entries(callers).map(([name, principal]) => [name, cost(principal)]);
  return Object.fromEntries(measured) as AccessResult;
}
