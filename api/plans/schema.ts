/** The schemas of plans in requests and responses. */
import { z } from 'zod';
import { Name } from '../../model/values/name.ts';
import { line } from '../../model/values/shown-text.ts';
import { type QuotaName, quotaNames, quotas } from '../quotas.ts';
import { pageOf } from '../view.ts';

/** A limit that no tenant reaches. */
const MOST = 1_000_000_000_000;

const limitOf = (name: QuotaName) => {
  const { description, min = 0 }: { description: string; min?: number } = quotas[name];
  return z.int().min(min).max(MOST).meta({ description });
};

const byQuota = <T extends z.ZodType>(of: (name: QuotaName) => T) =>
  Object.fromEntries(quotaNames.map((name) => [name, of(name)])) as Record<QuotaName, T>;

const PlanQuotas = z.strictObject(byQuota((name) => limitOf(name).optional())).meta({
  id: 'PlanQuotas',
  description: 'The limits that the plan sets. A limit that is absent is that of the settings of the API.',
});

export const PlanWrite = z.strictObject({ description: line(200).optional(), quotas: PlanQuotas }).meta({
  id: 'PlanWrite',
  example: { description: 'For trials', quotas: { routes: 20, gatewayHosts: 10, requestsPerSecond: 10 } },
});
export type PlanWrite = z.infer<typeof PlanWrite>;

export const Plan = z
  .object({
    name: Name,
    description: z.string(),
    quotas: PlanQuotas,
    limits: z
      .object(byQuota(() => z.number()))
      .meta({ id: 'PlanLimits', description: 'All limits that tenants with this plan have.' }),
    createdAt: z.iso
      .datetime()
      .optional()
      .meta({ description: 'Absent for the plan `default` while it has the limits of the settings.' }),
  })
  .meta({ id: 'Plan' });
export const PlanList = pageOf(Plan, 'PlanList');

export const TenantPlan = z.strictObject({ plan: Name }).meta({ id: 'TenantPlan', example: { plan: 'default' } });

export const Usage = z
  .object({
    plan: Name,
    quotas: z
      .record(
        z.string(),
        z
          .object({
            limit: z.number(),
            used: z
              .number()
              .optional()
              .meta({ description: 'Absent for limits of a single host, and for limits of the rate of requests.' }),
          })
          .meta({ id: 'QuotaUsage' }),
      )
      .meta({ description: 'The limit and the usage of each quota, by its name in a plan.' }),
  })
  .meta({ id: 'Usage' });
