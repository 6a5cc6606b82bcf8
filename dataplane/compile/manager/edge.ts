import { HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';

/** The settings of a connection manager that concern untrusted clients and the normalization of paths. */
export const edge = {
  useRemoteAddress: true,
  // No client is internal, so Envoy drops `x-envoy-retry-on` and similar headers from every request. An empty list
  // would mean every private address.
  internalAddressConfig: { cidrRanges: [{ addressPrefix: '255.255.255.255', prefixLen: 32 }] },
  normalizePath: true,
  mergeSlashes: true,
  // Each server of a gateway chooses how escaped slashes are handled. The built-in routes of its hosts handle them.
  pathWithEscapedSlashesAction: EscapedSlashes.KEEP_UNCHANGED,
};
