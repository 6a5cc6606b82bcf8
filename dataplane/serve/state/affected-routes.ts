import { hasDelegation } from '../../../model/binding/delegation.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { kindIds } from '../../../model/kinds/index.ts';
import { patternsCovering } from '../../../model/values/host.ts';
import { isMeshKey, parseRoutesName, parseScopeKey } from '../../compile/index.ts';

/**
 * Finds the compiled routes that a change of a tenant's configuration affects. A tenant may have very many hosts, and a
 * change of one route concerns the few that the route lists.
 *
 * The routes of a host depend on the tenant's routes whose hosts cover it, and on everything but routes. So the routes
 * of other hosts are unaffected, if only routes changed and none of them delegates.
 *
 * @param before the configuration from which routes were compiled
 * @param after the configuration from which they are compiled now
 * @returns whether the change may affect the routes with a name; undefined when it may affect all
 */
export function affectedRoutes(before: Configuration, after: Configuration): ((name: string) => boolean) | undefined {
  if (kindIds.some((kind) => kind !== 'route' && !before.shares(kind, after))) return undefined;
  if (hasDelegation(before) || hasDelegation(after)) return undefined;
  const changed = changedHosts(before, after);
  return (name) => isAffected(name, changed);
}

function changedHosts(before: Configuration, after: Configuration): Set<string> {
  const hosts = new Set<string>();
  for (const name of new Set([...before.names('route'), ...after.names('route')])) {
    const [was, is] = [before.get('route', name), after.get('route', name)];
    if (was !== is) for (const host of [...(was?.hosts ?? []), ...(is?.hosts ?? [])]) hosts.add(host);
  }
  return hosts;
}

function isAffected(name: string, changed: ReadonlySet<string>): boolean {
  const { key, form } = parseRoutesName(name);
  const { host } = parseScopeKey(key);
  // The routes of a whole port, and those of services in the mesh, depend on more than the routes of one host.
  if (form === 'grpc' || host === '*' || isMeshKey(key)) return true;
  for (const pattern of patternsCovering(host)) if (changed.has(pattern)) return true;
  return false;
}
