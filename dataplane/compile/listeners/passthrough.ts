import { type PlacedTlsRule, passedThrough } from '../../../model/binding/passthrough.ts';
import type { ScopeTable } from '../../../model/binding/scope-table.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { type HostPattern, patternsCovering } from '../../../model/values/host.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import type { Compiled } from '../compiled.ts';
import { passthroughChainName } from '../values/names.ts';
import type { Part, Port } from './listener.ts';
import { tcpProxy } from './tcp-proxy.ts';

/**
 * Adds what a tenant passes through without decrypting it: one filter chain per rule, and the server names that select
 * the chains.
 *
 * @param decrypted what the tenant's other servers of the port add
 */
export function withPassthrough(
  decrypted: Part,
  configuration: Configuration,
  table: ScopeTable,
  tenant: string,
  { number }: Port,
): Part {
  const onPort = table.admissionsAt(number);
  const rules = passedThrough(configuration, number, onPort);
  if (rules.size === 0) return decrypted;
  const chains = new Map<string, Compiled<FilterChain>>();
  const serverNames = new Map<HostPattern, string | undefined>(decrypted.serverNames);
  // Hosts below a wildcard that is passed through are still decrypted if a server of their own says so.
  for (const host of onPort.keys())
    if (!serverNames.has(host) && [...patternsCovering(host)].some((above) => rules.has(above)))
      serverNames.set(host, undefined);
  for (const [host, placed] of rules) {
    const name = passthroughChainName(number, tenant, placed);
    serverNames.set(host, name);
    if (placed && !chains.has(name)) chains.set(name, chain(configuration, tenant, name, placed));
  }
  return { chains: [...decrypted.chains, ...chains.values()], serverNames: [...serverNames] };
}

function chain(
  configuration: Configuration,
  tenant: string,
  name: string,
  { rule }: PlacedTlsRule,
): Compiled<FilterChain> {
  const { message, needs } = tcpProxy(configuration, tenant, rule.route);
  return { message: FilterChain.fromPartial({ name, filters: [message] }), needs };
}
