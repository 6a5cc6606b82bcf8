/** The servers to which the entries of a route's `gateways` bind it. */
import type { Configuration } from '../configuration.ts';
import type { Gateway, Server } from '../kinds/gateway.ts';
import { parseBinding, serverReference } from '../values/reference.ts';

/** Whether entries of a route's `gateways` name a server of a gateway: the gateway, or this server of it. */
export const namesServer = (
  gateways: readonly string[],
  gateway: string,
  { port }: { port: Pick<Server['port'], 'name'> },
): boolean => gateways.includes(gateway) || gateways.includes(serverReference(gateway, port.name));

/** Whether entries of a route's `gateways` name a gateway or a server of it. */
export const namesGateway = (gateways: readonly string[], gateway: string): boolean =>
  gateways.some((text) => parseBinding(text).gateway === gateway);

/**
 * Returns the servers to which an entry of a route's `gateways` binds the route.
 *
 * @param text `[tenant/]name[:portName]`
 * @returns an empty list when there is no such gateway or server
 */
export function boundServers(configuration: Configuration, text: string): readonly Server[] {
  const { gateway, portName } = parseBinding(text);
  const found = configuration.get('gateway', gateway);
  return found ? only(found, portName).servers : [];
}

/** Returns a gateway with only the server whose port has a name; the whole gateway without a name. */
export const only = <G extends Gateway>(gateway: G, portName: string | undefined): G =>
  portName === undefined
    ? gateway
    : { ...gateway, servers: gateway.servers.filter(({ port }) => port.name === portName) };
