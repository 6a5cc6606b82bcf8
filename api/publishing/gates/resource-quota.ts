import { type Kind, pluralOf } from '../../../model/kinds/index.ts';
import type { Route } from '../../../model/kinds/route.ts';
import type { Violation } from '../../../model/violations.ts';
import type { Head } from '../heads/head.ts';
import { firstBeyond, type Part } from './first-beyond.ts';
import { type Gate, nothing } from './gate.ts';

/** The quota of each kind. */
const quotaOf = {
  gateway: 'gateways',
  route: 'routes',
  upstream: 'upstreams',
  certificate: 'certificates',
  trustBundle: 'trustBundles',
} as const satisfies Record<Kind, string>;
const kindsWithQuota = Object.keys(quotaOf) as Kind[];

/**
 * Limits the resources of each kind, and the rules of all routes.
 *
 * The operator may lower a limit below the number that a tenant has. The tenant may then still make every change that
 * adds none.
 */
export const resourceQuota: Gate = {
  code: 'invalid-configuration',
  judge({ head, state, quotas }) {
    if (head === state) return nothing;
    const errors: Violation[] = [];
    for (const kind of kindsWithQuota) {
      const limit = quotas[quotaOf[kind]];
      const count = state.configuration.size(kind);
      if (count > limit && count > head.configuration.size(kind)) errors.push(tooMany(head, state, kind, count, limit));
    }
    const { rules } = state.amounts;
    if (rules > quotas.rules && rules > head.amounts.rules) errors.push(tooManyRules(head, state, quotas.rules));
    return errors.length > 0 ? { errors, warnings: [] } : nothing;
  },
};

function tooMany(head: Head, next: Head, kind: Kind, count: number, limit: number): Violation {
  const plural = pluralOf(kind);
  const isNew = (each: Kind, name: string) => each === kind && head.configuration.get(kind, name) === undefined;
  return {
    ...firstBeyond(head, next, limit - count, (each, _, name): Part[] => (isNew(each, name) ? [[1, '']] : [])),
    code: `too-many-${plural.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    message: `a tenant with this plan may have ${limit} ${plural}, not ${count}`,
    hint: HINT,
  };
}

function tooManyRules(head: Head, next: Head, limit: number): Violation {
  const count = next.amounts.rules;
  return {
    ...firstBeyond(head, next, limit - count, (kind, spec) => (kind === 'route' ? rulesOf(spec as Route) : [])),
    code: 'too-many-rules',
    message: `the routes of a tenant with this plan may have ${limit} rules in all, not ${count}`,
    hint: HINT,
  };
}

const HINT = 'GET /v1/tenants/{tenant}/usage shows the limits of the plan';

function* rulesOf(route: Route): Generator<Part> {
  for (const section of ['http', 'tls', 'tcp', 'udp'] as const)
    for (const index of route[section]?.keys() ?? []) yield [1, `/${section}/${index}`];
}
