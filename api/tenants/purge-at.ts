import type { Settings } from '../settings.ts';
import type { Tenant } from '../store/tenants.ts';

/** When the grace period of a deleted tenant ends. Until then, it can be restored. */
export const purgeAtOf = (
  { deletionGrace }: Pick<Settings, 'deletionGrace'>,
  { deletedAt }: Pick<Tenant, 'deletedAt'>,
): { purgeAt?: number } => (deletedAt === undefined ? {} : { purgeAt: deletedAt + deletionGrace });
