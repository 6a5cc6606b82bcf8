import type { Configuration } from '../../model/configuration.ts';
import type { Services } from '../context.ts';
import { Problem } from '../problem.ts';

/**
 * Reads a tenant's configuration at a revision. Returns undefined when the revision is pruned, or when the tenant or
 * the revision does not exist.
 */
export async function kept(services: Services, tenant: string, revision: number): Promise<Configuration | undefined> {
  try {
    return (await services.heads.at(tenant, revision)).configuration;
  } catch (cause) {
    if (cause instanceof Problem && (cause.code === 'revision-pruned' || cause.code === 'not-found')) return undefined;
    throw cause;
  }
}
