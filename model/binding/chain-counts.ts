/** Counts what a tenant adds to the filter chains of listeners, which it shares with other tenants. */
import type { Configuration } from '../configuration.ts';
import type { Gateway } from '../kinds/gateway.ts';
import type { Kind, SpecOf } from '../kinds/index.ts';
import type { Route } from '../kinds/route.ts';
import { credentialsOf } from '../kinds/server-tls.ts';
import { sendsHost } from '../values/protocol.ts';
import { portZone } from './ports.ts';
import { profileOf, profileText } from './tls-profile.ts';

/** How many filter chains a tenant adds, by their cause. */
export interface ChainCounts {
  /** TLS profiles, once per port, and certificates with HTTP/3, once per port and profile. */
  profiles: number;
  /** Rules for connections and datagrams. */
  connectionRules: number;
  /** Ports whose clients send no host, so that each belongs to one tenant of a fleet. */
  connectionPorts: number;
}

/** A part of a resource that adds a chain, with a JSON pointer inside the spec. */
interface ChainPlace {
  counted: keyof ChainCounts;
  path: string;
  /** Parts with equal keys share one chain. Absent: the part shares its chain with no other. */
  key?: string;
}

/** The parts of each kind that add chains. Kinds that are not listed add none. */
const places: { [K in Kind]?: (spec: SpecOf<K>) => ChainPlace[] } = { gateway: ofGateway, route: ofRoute };

function ofGateway({ servers }: Gateway): ChainPlace[] {
  const found: ChainPlace[] = [];
  for (const [index, { tls, port, http3 }] of servers.entries()) {
    if (!sendsHost(port.protocol))
      found.push({ counted: 'connectionPorts', path: `/servers/${index}/port`, key: portZone(port) });
    const profile = tls && profileOf(tls);
    if (profile)
      found.push({ counted: 'profiles', path: `/servers/${index}/tls`, key: `${port.number} ${profileText(profile)}` });
    // Each certificate with HTTP/3 has a chain of its own.
    if (tls && http3) {
      const key = `${port.number} http3 ${credentialsOf(tls).join()} ${profileText(profile)}`;
      found.push({ counted: 'profiles', path: `/servers/${index}/http3`, key });
    }
  }
  return found;
}

function ofRoute({ tls, tcp, udp }: Route): ChainPlace[] {
  if (tls === undefined && tcp === undefined && udp === undefined) return [];
  return Object.entries({ tls, tcp, udp }).flatMap(([section, rules = []]) =>
    rules.map((_, index) => ({ counted: 'connectionRules' as const, path: `/${section}/${index}` })),
  );
}

/** Lists the parts of a resource that add filter chains. Most resources have none. */
export function chainPlacesIn<K extends Kind>(kind: K, spec: SpecOf<K>): ChainPlace[] {
  return places[kind]?.(spec) ?? [];
}

/** Counts the chains of a configuration. */
export function chainCounts(configuration: Configuration): ChainCounts {
  const keys = new Set<string>();
  const counts: ChainCounts = { profiles: 0, connectionRules: 0, connectionPorts: 0 };
  for (const kind of Object.keys(places) as (keyof typeof places)[])
    for (const [, spec] of configuration.entries(kind))
      for (const { counted, key } of chainPlacesIn(kind, spec)) {
        if (key !== undefined && keys.has(key)) continue;
        if (key !== undefined) keys.add(key);
        counts[counted]++;
      }
  return counts;
}
