/** Messages as proto3 JSON that people can read and Envoy takes. */
import { Listener } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterConfig } from '../../dataplane/envoy/gen/envoy/config/route/v3/route_components.ts';
import { Composite } from '../../dataplane/envoy/gen/envoy/extensions/filters/http/composite/v3/composite.ts';
import { Lua, LuaPerRoute } from '../../dataplane/envoy/gen/envoy/extensions/filters/http/lua/v3/lua.ts';
import { OnDemand } from '../../dataplane/envoy/gen/envoy/extensions/filters/http/on_demand/v3/on_demand.ts';
import { RBAC } from '../../dataplane/envoy/gen/envoy/extensions/filters/http/rbac/v3/rbac.ts';
import { Router } from '../../dataplane/envoy/gen/envoy/extensions/filters/http/router/v3/router.ts';
import { TlsInspector } from '../../dataplane/envoy/gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.ts';
import { HttpConnectionManager } from '../../dataplane/envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { HeaderMutation } from '../../dataplane/envoy/gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation.ts';
import { SNI } from '../../dataplane/envoy/gen/envoy/extensions/transport_sockets/tls/cert_mappers/sni/v3/config.ts';
import { Config } from '../../dataplane/envoy/gen/envoy/extensions/transport_sockets/tls/cert_selectors/on_demand_secret/v3/config.ts';
import { DownstreamTlsContext } from '../../dataplane/envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { HttpProtocolOptions } from '../../dataplane/envoy/gen/envoy/extensions/upstreams/http/v3/http_protocol_options.ts';

interface Type {
  decode(bytes: Uint8Array): unknown;
  // Each message's own toJSON; which one is chosen by type URL at run time.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  toJSON(message: any): unknown;
}

const packed: Record<string, Type> = {
  'envoy.config.listener.v3.Listener': Listener,
  'envoy.config.route.v3.FilterConfig': FilterConfig,
  'envoy.extensions.filters.http.composite.v3.Composite': Composite,
  'envoy.extensions.filters.http.lua.v3.Lua': Lua,
  'envoy.extensions.filters.http.lua.v3.LuaPerRoute': LuaPerRoute,
  'envoy.extensions.filters.http.on_demand.v3.OnDemand': OnDemand,
  'envoy.extensions.filters.http.rbac.v3.RBAC': RBAC,
  'envoy.extensions.filters.http.router.v3.Router': Router,
  'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector': TlsInspector,
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': HttpConnectionManager,
  'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation': HeaderMutation,
  'envoy.extensions.transport_sockets.tls.cert_mappers.sni.v3.SNI': SNI,
  'envoy.extensions.transport_sockets.tls.cert_selectors.on_demand_secret.v3.Config': Config,
  'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext': DownstreamTlsContext,
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': HttpProtocolOptions,
};

export function readable(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(readable);
  if (typeof json !== 'object' || json === null) return json;
  const { typeUrl, value, seconds, nanos, ...rest } = json as Record<string, unknown>;
  if (typeof typeUrl === 'string') {
    const type = packed[typeUrl.split('/')[1]!];
    if (!type) throw new Error(`tell test/compile/readable.ts of ${typeUrl}`);
    return {
      '@type': typeUrl,
      ...(readable(type.toJSON(type.decode(Buffer.from(String(value ?? ''), 'base64')))) as object),
    };
  }
  if (Object.keys(rest).length === 0 && (seconds !== undefined || nanos !== undefined))
    return `${Number(seconds ?? 0) + Number(nanos ?? 0) / 1e9}s`;
  return Object.fromEntries(
    Object.entries(json).map(([key, each]) => [key, isDuration(key, each) ? '0s' : readable(each)]),
  );
}

/** A zero duration is an empty object in ts-proto's JSON. */
const isDuration = (key: string, value: unknown) =>
  /[tT]imeout$/.test(key) && typeof value === 'object' && value !== null && Object.keys(value).length === 0;
