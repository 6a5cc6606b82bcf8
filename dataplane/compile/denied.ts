import type { Listeners } from '../../model/fleet.ts';
import { withAliases } from '../../model/values/cidr.ts';
import { pack } from '../envoy/any.ts';
import { Permission, Policy, RBAC_Action, RBAC as Rules } from '../envoy/gen/envoy/config/rbac/v3/rbac.ts';
import { RBAC } from '../envoy/gen/envoy/extensions/filters/http/rbac/v3/rbac.ts';
import { UpstreamCodec } from '../envoy/gen/envoy/extensions/filters/http/upstream_codec/v3/upstream_codec.ts';
import type { HttpFilter } from '../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { UpstreamIpPortMatcher } from '../envoy/gen/envoy/extensions/rbac/matchers/upstream_ip_port/v3/upstream_ip_port_matcher.ts';
import type { Int64Range } from '../envoy/gen/envoy/type/v3/range.ts';
import type { Destinations } from './cluster.ts';

const built = new WeakMap<Destinations, HttpFilter[]>();

/**
 * Builds the upstream filters of a cluster whose DNS name Envoy resolves (`dns: logical`). A request gets 403, and is not sent, if Envoy chose
 * an address in one of the ranges for it. The owner of a DNS name can change its addresses at any time, so the filter
 * checks each request.
 *
 * @param fleet the filters are built once per object, so the caller must not change it
 * @returns an empty list when nothing is denied
 */
export function denying(fleet: Destinations): HttpFilter[] {
  let filters = built.get(fleet);
  if (!filters) built.set(fleet, (filters = build(fleet)));
  return filters;
}

function build({ denyDestinations = [], own }: Destinations): HttpFilter[] {
  const permissions = [
    ...withAliases(denyDestinations).map(({ address, prefix }) => resolvedInto(address, prefix)),
    ...(own ? withAliases(own.addresses) : []).flatMap(({ address, prefix }) =>
      bound(own!).map((ports) => resolvedInto(address, prefix, ports)),
    ),
  ];
  if (permissions.length === 0) return [];
  const policy = Policy.fromPartial({
    permissions,
    principals: [{ identifier: { $case: 'any', value: true } }],
  });
  const rules = Rules.fromPartial({ action: RBAC_Action.DENY, policies: { 'denied-destination': policy } });
  return [
    filter(
      'envoy.filters.http.rbac',
      pack('envoy.extensions.filters.http.rbac.v3.RBAC', RBAC, RBAC.fromPartial({ rules })),
    ),
    // Envoy requires the codec filter at the end of the chain, because it sends the request.
    filter(
      'envoy.filters.http.upstream_codec',
      pack('envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec', UpstreamCodec, {}),
    ),
  ];
}

/** Returns the ports that Envoy opens, as ranges whose end is outside. */
const bound = ({ ports, portRanges = [] }: Listeners): Int64Range[] => [
  ...ports.map(({ bind }) => ({ start: bind, end: bind + 1 })),
  ...portRanges.map(({ from, to, bind = from }) => ({ start: bind, end: bind + to - from + 1 })),
];

function resolvedInto(addressPrefix: string, prefixLen: number, upstreamPortRange?: Int64Range): Permission {
  const typeName = 'envoy.extensions.rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher';
  const matcher = UpstreamIpPortMatcher.fromPartial({
    upstreamIp: { addressPrefix, prefixLen },
    ...(upstreamPortRange && { upstreamPortRange }),
  });
  return Permission.fromPartial({
    rule: {
      $case: 'matcher',
      value: {
        name: 'envoy.rbac.matchers.upstream_ip_port',
        typedConfig: pack(typeName, UpstreamIpPortMatcher, matcher),
      },
    },
  });
}

const filter = (name: string, value: ReturnType<typeof pack>): HttpFilter => ({
  name,
  configType: { $case: 'typedConfig', value },
  isOptional: false,
  disabled: false,
});
