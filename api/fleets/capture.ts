import type { Context } from '../context.ts';
import { Problem } from '../http/problem.ts';
import type { Fleet } from '../store/port.ts';
import { claimsOf, serves } from './serving.ts';

/**
 * A shared fleet must not begin to serve gateways whose hosts nobody else was kept from holding: those that only dedicated fleets served.
 *
 * @param before the fleet as it was; undefined when it is new
 * @throws Problem `fleet-in-use` naming the tenants
 */
export async function requireNoCapture(ctx: Context, fleet: Fleet, before: Fleet | undefined): Promise<void> {
  if (fleet.tenant !== undefined) return;
  const { all } = await ctx.house.fleets.current(ctx.now);
  const captured: string[] = [];
  for (const tenant of new Set(all.flatMap(({ tenant }) => (tenant === undefined ? [] : [tenant])))) {
    const gateways = (await ctx.store.resources(tenant)).flatMap((resource) =>
      resource.kind === 'gateway' ? [resource.spec] : [],
    );
    const others = all.filter(({ name }) => name !== fleet.name);
    const newly = gateways.filter(
      (gateway) => serves(fleet, tenant, gateway) && !(before && serves(before, tenant, gateway)),
    );
    if (newly.some((gateway) => claimsOf(others, tenant, [gateway]).size === 0)) captured.push(tenant);
  }
  if (captured.length > 0)
    throw new Problem('fleet-in-use', {
      detail: `with these labels this shared fleet would serve gateways that only dedicated fleets serve: of ${captured.join(', ')}`,
    });
}
