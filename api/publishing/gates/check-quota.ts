import { amountOf } from '../../../model/kinds/index.ts';
import type { Upstream } from '../../../model/kinds/upstream.ts';
import { type RegisteredGroup, registeredChecks } from '../../../model/registered-endpoints.ts';
import { checksPerHour } from '../../../model/upstream/health-check.ts';
import type { Head } from '../heads/head.ts';
import { firstBeyond, type Part } from './first-beyond.ts';
import { type Gate, nothing } from './gate.ts';
import { changedUpstreams } from './registered-endpoints.ts';

/**
 * Limits the health checks that all upstreams of a tenant cause. The main thread of each Envoy performs them, and also
 * loads the hosts of all tenants, and each check opens a socket.
 *
 * The operator may lower the limit below the checks of a tenant, and a tenant may have had more before there was a
 * limit. The tenant may then still make every change that adds no checks, and restore an earlier revision unless that
 * adds checks of registered endpoints.
 */
export const checkQuota: Gate = {
  code: 'invalid-configuration',
  async judge({ head, state, changes, isRestore, quotas, ctx: { store } }) {
    const { checksPerSecond: limit } = quotas;
    if (head === state) return nothing;
    // A change may also add checks of registered endpoints.
    const isAdding =
      state.amounts.checks > head.amounts.checks ||
      changedUpstreams({ state, head, changes }).some(({ spec, before }) => checked(spec) !== checked(before));
    if (!isAdding) return nothing;
    const groups = await store.endpoints.groups(state.tenant);
    const registered = ({ configuration }: Head) => registeredChecks(configuration, groups);
    // The restored revision may be older than the registered endpoints.
    if (isRestore && registered(state) <= registered(head)) return nothing;
    const checks = checksIn(state, groups);
    if (!hasTooMany(checks, checksIn(head, groups), limit)) return nothing;
    const violation = {
      ...firstBeyond(head, state, limit * HOUR - checks, (kind, spec, name): Part[] => {
        if (kind !== 'upstream') return [];
        const own = checksPerHour(spec as Upstream, amountOf(kind, spec));
        const registered = groups.filter(({ upstream }) => upstream === name);
        return [[own + registeredChecks(state.configuration, registered), '/healthChecks/0/interval']];
      }),
      code: 'too-many-checks',
      message: tooMany(checks, limit),
      hint: 'an endpoint is checked once per interval, and once more for each subset that selects it; registered endpoints count: use longer intervals, or outlierDetection',
    };
    return { errors: [violation], warnings: [] };
  },
};

/** The seconds of an hour. */
const HOUR = 3600;

/** The fields of an upstream that decide how often its registered endpoints are checked. */
const checked = ({ healthChecks, subsets }: Upstream): string | undefined =>
  healthChecks && JSON.stringify([healthChecks, subsets]);

/** Returns the checks per hour that all upstreams of a tenant cause, with those of registered endpoints. */
export const checksIn = (
  { amounts, configuration }: Pick<Head, 'amounts' | 'configuration'>,
  groups: readonly RegisteredGroup[],
): number => amounts.checks + registeredChecks(configuration, groups);

/** Whether a tenant with so many checks per hour is beyond the limit, and was not before. */
export const hasTooMany = (checks: number, before: number, limit: number): boolean =>
  checks > limit * HOUR && checks > before;

/** The message of a change that adds too many checks. */
export const tooMany = (checks: number, limit: number): string =>
  `the health checks of a tenant may cause ${limit} checks per second in each Envoy, not ${Math.ceil(checks / HOUR)}`;
