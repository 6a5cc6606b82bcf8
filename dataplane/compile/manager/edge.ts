import { HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';

/** The settings of a connection manager for untrusted clients and for the normalization of paths. */
export const edge = {
  useRemoteAddress: true,
  // No client is internal, so Envoy drops `x-envoy-retry-on` and similar headers from every request. An empty list
  // would mean every private address.
  internalAddressConfig: { cidrRanges: [{ addressPrefix: '255.255.255.255', prefixLen: 32 }] },
  normalizePath: true,
  mergeSlashes: true,
  // A server of a gateway chooses how they are handled, and the first routes of its hosts do it.
  pathWithEscapedSlashesAction: EscapedSlashes.KEEP_UNCHANGED,
};
