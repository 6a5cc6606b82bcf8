import { candidates } from '../../model/values/host.ts';
import * as compile from '../compile/index.ts';
import type { Replica } from '../feed/replica.ts';
import { TYPES, type TypeUrl } from '../xds/resource.ts';

/** The tenant that serves a scope's `port|host`. */
export function scopeHolder(replica: Replica, key: string): string | undefined {
  return replica.holder('scope', [key])?.tenant;
}

/**
 * The tenant a resource name belongs to. Reads no configuration, so it answers even when the resource cannot be built.
 */
export function holderOf(replica: Replica, type: TypeUrl, name: string): string | undefined {
  switch (type) {
    case TYPES.routes:
      return scopeHolder(replica, compile.parseRoutesName(name).key);
    case TYPES.scope:
      return scopeHolder(replica, name);
    case TYPES.secret: {
      const serverName = compile.parseSecretName(name)?.serverName;
      return serverName && replica.holder('admitted', [...candidates(serverName.toLowerCase())])?.tenant;
    }
    case TYPES.cluster:
    case TYPES.endpoints:
      return compile.parseClusterName(name).tenant;
    default:
      return undefined;
  }
}
