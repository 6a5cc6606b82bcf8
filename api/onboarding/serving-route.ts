import type { Configuration } from '../../model/configuration.ts';
import { edgeGatewaysOf } from '../../model/kinds/route.ts';
import { type HostPattern, patternsCovering } from '../../model/values/host.ts';
import { parseBinding, parseReference } from '../../model/values/reference.ts';

/**
 * Finds a route that serves requests for a host on a gateway. Another route for the host would get these requests if its
 * name comes first, or if its host is more specific.
 *
 * @param tenant the owner of the configuration
 * @param at the host, and the gateway as routes name it
 * @returns the name of the route; undefined when there is none
 */
export function servingRoute(
  configuration: Configuration,
  tenant: string,
  { host, gateway }: { host: HostPattern; gateway: string },
): string | undefined {
  const full = (text: string) => {
    const { tenant: owner = tenant, name } = parseReference(parseBinding(text).gateway);
    return `${owner}/${name}`;
  };
  const covering = new Set(patternsCovering(host));
  for (const [name, spec] of configuration.entries('route'))
    if (
      spec.hosts?.some((each) => covering.has(each)) &&
      edgeGatewaysOf(spec).some((each) => full(each) === full(gateway))
    )
      return name;
  return undefined;
}
