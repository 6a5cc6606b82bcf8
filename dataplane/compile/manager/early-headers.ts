import { FORGEABLE_HEADERS, RESERVED_PREFIX } from '../../../model/values/header.ts';
import { pack } from '../../envoy/any.ts';
import { HeaderValueOption_HeaderAppendAction as Append } from '../../envoy/gen/envoy/config/core/v3/base.ts';
import type { TypedExtensionConfig } from '../../envoy/gen/envoy/config/core/v3/extension.ts';
import { HeaderMutation } from '../../envoy/gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation.ts';
import { ownServerNamed, SCOPE_HEADER, SERVER_NAME_HEADER, scopeKey, serverNamed } from '../values/names.ts';
import type { Port } from '../values/port.ts';
import { pass } from './filters/loops.ts';

/**
 * Builds the extension that writes the reserved headers of a request before Envoy looks up its scope. It first removes
 * every reserved header that a client may have sent, and those that only Envoy may write. The scope key begins with the
 * zone, so a host of one zone cannot be reached through another zone. On HTTP ports there is no header with the server
 * name, because no route reads it there.
 *
 * On the connections of a TLS profile, the host of the key is the server name of the handshake, which Envoy has written
 * in lower case. The client chose the profile by this name, so the Host header cannot select a host of another profile.
 *
 * @param port the port of the fleet on which the request arrives
 * @param zone the zone of the connections' TLS profile; absent for connections without one
 */
export function earlyHeaders({ number, protocol }: Port, zone?: string): TypedExtensionConfig {
  const serverName = zone === undefined ? serverNamed : ownServerNamed;
  const mutations = HeaderMutation.fromPartial({
    mutations: [
      { action: { $case: 'removeOnMatch', value: { keyMatcher: { matchPattern: RESERVED } } } },
      ...FORGEABLE_HEADERS.map(remove),
      overwrite(
        SCOPE_HEADER,
        zone === undefined ? scopeKey(number, '%REQ(:AUTHORITY)%') : scopeKey(zone, '%REQUESTED_SERVER_NAME%'),
      ),
      ...(protocol === 'HTTPS' || protocol === 'HTTP3'
        ? [overwrite(SERVER_NAME_HEADER, serverName('%REQUESTED_SERVER_NAME%'))]
        : []),
      pass,
    ],
  });
  return {
    name: 'envoy.http.early_header_mutation.header_mutation',
    typedConfig: pack(
      'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
      HeaderMutation,
      mutations,
    ),
  };
}

const RESERVED = { $case: 'prefix' as const, value: RESERVED_PREFIX };

const remove = (value: string) => ({ action: { $case: 'remove' as const, value } });

const overwrite = (key: string, value: string) => ({
  action: {
    $case: 'append' as const,
    value: { header: { key, value }, appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD },
  },
});
