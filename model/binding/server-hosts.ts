/** Finds the hosts that a tenant's gateways admit on one fleet, and the admission that decides about a host. */
import type { Configuration } from '../configuration.ts';
import { type Fleet, http3Refusal, protocolOn, refusal, selects } from '../fleet.ts';
import { DEFAULT_ESCAPED_SLASHES, type EscapedSlashes } from '../kinds/gateway.ts';
import { credentialsOf } from '../kinds/server-tls.ts';
import { isShared } from '../values/allowed-routes.ts';
import { type HostPattern, patternsCovering } from '../values/host.ts';
import { own } from '../values/own.ts';
import { type Protocol, sendsHost } from '../values/protocol.ts';
import { MESH, serverReference } from '../values/reference.ts';
import { getOrAdd } from './get-or-add.ts';
import { handlingOf } from './handling.ts';
import { hasMesh, MESH_PORT, servesMesh } from './mesh.ts';
import type { ServerNames } from './same-server.ts';
import { separateCertificates } from './separate-certificates.ts';
import type { ForeignServer } from './shared-gateway.ts';
import { profileOf, type TlsProfile } from './tls-profile.ts';

/** One server of a gateway. */
export interface ServerPlace {
  gateway: string;
  /** Index in `servers`. */
  server: number;
}

/** A host of one server. */
export interface ServerHost extends ServerPlace {
  host: HostPattern;
}

/** A host pattern of one port, with the settings that all its servers share (`model/check/servers.ts` enforces it). */
export interface Admission {
  protocol: Protocol;
  host: HostPattern;
  /** HTTPS only. */
  credentialName?: string;
  /** HTTPS only: the TLS settings, if they are not the default ones. */
  profile?: TlsProfile;
  /** HTTP only: whether every request is redirected to https. */
  httpsRedirect?: boolean;
  /** HTTPS only: whether HTTP/3 is served too. */
  http3?: boolean;
  /** HTTPS only: whether connections for other servers may not carry requests for the host. */
  sameServerOnly?: boolean;
  /** With `sameServerOnly`, if the server belongs to another tenant: the hosts by which servers are compared. */
  connections?: ServerNames;
  /** Whether other tenants may attach hosts at or below the host. */
  isShared?: boolean;
  escapedSlashes: EscapedSlashes;
  /**
   * The servers that list the host, by each entry of a route's `gateways` that binds to them: the first server of a
   * gateway by the name of the gateway, and every server by {@link serverReference}. Hosts of one server share the
   * object.
   */
  servers: ReadonlyMap<string, ServerPlace>;
  /**
   * The same for the servers that forward connections for the host without reading requests. Such a host has no `servers`.
   */
  forwarding: ReadonlyMap<string, ServerPlace>;
  /** Whether the server names of forwarded connections name the upstreams. */
  isAutomatic?: boolean;
  /** Present when connections are decrypted before they are forwarded: the TLS settings, if not the default ones. */
  decryption?: { profile?: TlsProfile };
}

/** Returns the gateways with a server that lists the host of an admission, sorted. */
export const gatewaysAdmitting = ({ servers, forwarding }: Pick<Admission, 'servers' | 'forwarding'>): string[] =>
  [...new Set([...servers.values(), ...forwarding.values()].map(({ gateway }) => gateway))].sort();

/** By port, then by host. */
export type Admissions = ReadonlyMap<number, ReadonlyMap<HostPattern, Admission>>;

type Draft = Admission & Record<'servers' | 'forwarding', Map<string, ServerPlace>>;

/**
 * Collects the hosts that a fleet admits for a tenant, from its gateways in the order of their names. `./ports.ts` finds
 * the servers whose clients send no host.
 *
 * Hosts and ports that the fleet does not allow are left out. They may exist, because a gateway may be older than the
 * rules of the fleet.
 */
export function admissionsOf(configuration: Configuration, tenant: string, fleet: Fleet): Admissions {
  const all = new Map<number, Map<HostPattern, Draft>>();
  for (const [gateway, spec] of configuration.entries('gateway')) {
    if (!selects(spec, tenant, fleet)) continue;
    for (const [server, opening] of spec.servers.entries()) {
      const { port, hosts, tls, http3, allowedRoutes, escapedSlashes = DEFAULT_ESCAPED_SLASHES } = opening;
      const protocol = sendsHost(port.protocol) ? protocolOn(fleet, opening) : undefined;
      if (!protocol) continue;
      const place = { gateway, server };
      const reference = serverReference(gateway, port.name);
      const profile = profileOf(tls);
      const handling = handlingOf(opening);
      const isHttp3 = http3 === true && handling === 'requests' && http3Refusal(fleet, port.number) === undefined;
      const onPort = getOrAdd(all, port.number, () => new Map<HostPattern, Draft>());
      for (const host of hosts) {
        if (refusal(fleet, host)) continue;
        const make = (): Draft => ({ protocol, host, escapedSlashes, servers: new Map(), forwarding: new Map() });
        const admission = getOrAdd(onPort, host, make);
        const places = handling === 'requests' ? admission.servers : admission.forwarding;
        if (!places.has(gateway)) places.set(gateway, place);
        places.set(reference, place);
        const [credential] = tls ? credentialsOf(tls) : [];
        if (credential !== undefined) admission.credentialName ??= credential;
        if (tls?.httpsRedirect) admission.httpsRedirect = true;
        if (tls?.sameServerOnly) admission.sameServerOnly = true;
        const names = own((opening as ForeignServer).connections, host);
        if (names) Object.assign(admission, { sameServerOnly: true, connections: names });
        if (isHttp3) admission.http3 = true;
        if (isShared(allowedRoutes)) admission.isShared = true;
        if (handling === 'automatic') admission.isAutomatic = true;
        if (handling === 'decrypted') admission.decryption ??= profile ? { profile } : {};
        else if (profile) admission.profile ??= profile;
      }
    }
  }
  separateCertificates(all);
  return all;
}

/** Adds the mesh to the admissions of a fleet, if the fleet serves it. The mesh admits every host. */
export const withMesh = (
  admissions: Admissions,
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
): Admissions =>
  servesMesh(fleet, tenant) && hasMesh(configuration) ? new Map([...admissions, [MESH_PORT, mesh]]) : admissions;

/** The admissions of the mesh. */
const mesh = new Map<HostPattern, Draft>([
  [
    '*',
    {
      protocol: 'HTTP',
      host: '*',
      escapedSlashes: DEFAULT_ESCAPED_SLASHES,
      servers: new Map([[MESH, { gateway: MESH, server: 0 }]]),
      forwarding: new Map(),
    },
  ],
]);

/**
 * Returns the admission that decides about a host: the most specific one that covers it. Neither the gateway nor the
 * order of hosts matters (docs/decisions/0014-exact-beside-wildcard.md).
 *
 * @param onPort the admissions of one port
 */
export function decidingAdmission(
  onPort: ReadonlyMap<HostPattern, Admission>,
  host: HostPattern,
): Admission | undefined {
  for (const above of patternsCovering(host)) {
    const admission = onPort.get(above);
    if (admission) return admission;
  }
  return undefined;
}
