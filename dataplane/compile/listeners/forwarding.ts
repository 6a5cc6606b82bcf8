import { type ForwardingRule, forwarded } from '../../../model/binding/forwarding.ts';
import type { ScopeTable } from '../../../model/binding/scope-table.ts';
import type { Admission } from '../../../model/binding/server-hosts.ts';
import { decidingAdmission } from '../../../model/binding/server-hosts.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { type HostPattern, patternsCovering } from '../../../model/values/host.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { type Compiled, merged } from '../compiled.ts';
import { forwardingChainName } from '../values/names.ts';
import type { Part, Port } from './listener.ts';
import type { ServerName } from './server-name.ts';
import { tcpProxy } from './tcp-proxy.ts';
import { tlsSocket } from './tls-context.ts';
import { profileContext } from './tls-profile.ts';

/**
 * Adds the connections of a tenant that are forwarded without reading requests: one filter chain per rule, and the
 * server names that select the chains.
 *
 * @param requests what the tenant's other servers of the port add
 */
export function withForwarding(
  requests: Part,
  configuration: Configuration,
  table: ScopeTable,
  tenant: string,
  { number }: Port,
): Part {
  const onPort = table.admissionsAt(number);
  const rules = forwarded(configuration, number, onPort);
  if (rules.size === 0) return requests;
  const chains = new Map<string, Compiled<FilterChain>>();
  const serverNames = new Map<HostPattern, ServerName>(requests.serverNames.map((each) => [each[0], each]));
  // Requests for hosts below a wildcard that is forwarded are still read if a server of their own says so.
  for (const host of onPort.keys())
    if (!serverNames.has(host) && [...patternsCovering(host)].some((above) => rules.has(above)))
      serverNames.set(host, [host, undefined]);
  for (const [host, choices] of rules) {
    const { decryption } = decidingAdmission(onPort, host)!; // forwarded names have an admission
    const named = choices.map(({ rule, sources }) => {
      const chain = forwardingChainName(number, tenant, rule, decryption);
      if (!chains.has(chain)) chains.set(chain, chainOf(configuration, tenant, chain, rule, decryption));
      return { chain, sources };
    });
    const [only] = named;
    const isForAll = only && only.sources === undefined;
    const choice = isForAll ? only.chain : named.length === 0 ? forwardingChainName(number, tenant) : named;
    serverNames.set(host, [host, choice, !decryption]);
  }
  return { chains: [...requests.chains, ...chains.values()], serverNames: [...serverNames.values()] };
}

function chainOf(
  configuration: Configuration,
  tenant: string,
  name: string,
  { rule }: ForwardingRule,
  decryption: Admission['decryption'],
): Compiled<FilterChain> {
  const { message, needs } = tcpProxy(configuration, tenant, rule.route);
  const socket = decryption && profileContext(tenant, decryption.profile ?? {}, []);
  return {
    message: FilterChain.fromPartial({ name, filters: [message], ...(socket && tlsSocket(socket.message)) }),
    needs: socket ? merged([needs, socket.needs]) : needs,
  };
}
