/** Finds where a tenant's servers forward TLS connections whose requests they do not read. */
import type { Configuration } from '../configuration.ts';
import { bySource } from '../route/sources.ts';
import type { TcpRule } from '../route/tcp.ts';
import type { TlsRule } from '../route/tls.ts';
import { type HostPattern, intersect } from '../values/host.ts';
import { resourceName } from '../violations.ts';
import { getOrAdd } from './get-or-add.ts';
import { type Admission, decidingAdmission } from './server-hosts.ts';

/** A rule that forwards connections, or an upstream that server names name. */
export interface ForwardingRule {
  /** The name of the filter chain within its tenant and port: `vault/tls/0`. */
  chain: string;
  /** `routes/vault`. */
  resource: string;
  /** JSON pointer to the rule, such as `/tls/0`; empty for an upstream. */
  path: string;
  rule: Pick<TlsRule, 'route'>;
}

/** A rule, and the networks of the clients whose connections it forwards; without `sources`, of all other clients. */
export interface ForwardingChoice {
  rule: ForwardingRule;
  sources?: readonly string[] | undefined;
}

/**
 * Finds the rules for each server name whose connections a port forwards. Of several `tls` rules for the same name, the
 * first one of the first route by name counts. The `tcp` rules of a route forward decrypted connections for which there
 * is no `tls` rule.
 *
 * @param onPort the admissions of the port
 * @returns exact hosts and wildcards; without a choice for a client, its connection is closed. A more specific host
 *   counts
 */
export function forwarded(
  configuration: Configuration,
  port: number,
  onPort: ReadonlyMap<HostPattern, Admission>,
): ReadonlyMap<HostPattern, readonly ForwardingChoice[]> {
  const found = new Map<HostPattern, readonly ForwardingChoice[]>();
  const admissions = [...onPort.values()].filter(({ forwarding }) => forwarding.size > 0);
  if (admissions.length === 0) return found;
  const common = (name: HostPattern, admission: Admission): HostPattern | undefined => {
    const host = intersect(name, admission.host);
    // A more specific server of the port decides about its own hosts.
    return host === undefined || decidingAdmission(onPort, host) !== admission ? undefined : host;
  };
  const decrypted = new Map<HostPattern, { match: TcpRule['match']; placed: ForwardingRule }[]>();
  for (const [route, { tls = [], tcp = [], gateways = [], hosts }] of configuration.entries('route')) {
    if (tls.length === 0 && tcp.length === 0) continue;
    const own = admissions.filter((each) => !each.isAutomatic && gateways.some((name) => each.forwarding.has(name)));
    for (const [index, rule] of tls.entries())
      for (const match of rule.match) {
        if (match.port !== undefined && match.port !== port) continue;
        for (const name of match.sniHosts)
          for (const admission of own) {
            const host = common(name, admission);
            if (host === undefined || found.has(host)) continue;
            found.set(host, [{ rule: ruleAt(route, 'tls', index, rule) }]);
          }
      }
    if (tcp.length === 0) continue;
    const rules = tcp.map((rule, index) => ({
      match: rule.match,
      placed: ruleAt(route, 'tcp', index, rule),
    }));
    for (const admission of own.filter((each) => each.decryption))
      for (const name of hosts ?? ['*']) {
        const host = common(name, admission);
        if (host !== undefined) getOrAdd(decrypted, host, (): typeof rules => []).push(...rules);
      }
  }
  for (const [host, rules] of decrypted)
    if (!found.has(host))
      found.set(
        host,
        bySource(rules, port).map(({ rule, sources }) => ({ rule: rule.placed, sources })),
      );
  for (const admission of admissions.filter(({ isAutomatic }) => isAutomatic))
    for (const [name, rule] of automatic(configuration, admission.host)) {
      const host = common(name, admission);
      if (host !== undefined && !found.has(host)) found.set(host, [{ rule }]);
    }
  for (const { host } of admissions) if (!found.has(host)) found.set(host, []);
  return found;
}

const ruleAt = (route: string, section: string, index: number, rule: ForwardingRule['rule']): ForwardingRule => ({
  chain: `${route}/${section}/${index}`,
  resource: resourceName('route', route),
  path: `/${section}/${index}`,
  rule,
});

/**
 * Lists the server names that name an upstream of the tenant, or a subset of one. An upstream with `tls` has none: the
 * connection is encrypted already. Neither has one to which no connections are forwarded: with `dns: logical`, or for HTTP/3.
 *
 * @param host a host of the server: `*.domain`, or the name of one upstream below a domain
 */
function* automatic(
  configuration: Configuration,
  host: HostPattern,
): Generator<[serverName: string, rule: ForwardingRule]> {
  for (const [upstream, spec] of configuration.entries('upstream')) {
    const { tls, subsets = [], protocol, dns } = spec;
    if (tls || protocol === 'HTTP3' || dns === 'logical') continue;
    for (const subset of [undefined, ...subsets.map(({ name }) => name)]) {
      const name = subset === undefined ? upstream : `${subset}.${upstream}`;
      const serverName = host.startsWith('*.') ? name + host.slice(1) : host;
      if (!serverName.startsWith(`${name}.`)) continue;
      const destination = { upstream, ...(subset !== undefined && { subset }) };
      yield [
        serverName,
        {
          // No route has such a name.
          chain: `=${name}`,
          resource: resourceName('upstream', upstream),
          path: '',
          rule: { route: [{ destination }] },
        },
      ];
    }
  }
}
