import type { Fleet } from '../../../model/fleet.ts';
import { RESERVED_PREFIX } from '../../../model/values/header.ts';
import { pack } from '../../envoy/any.ts';
import { HeaderValueOption_HeaderAppendAction as Append } from '../../envoy/gen/envoy/config/core/v3/base.ts';
import type { TypedExtensionConfig } from '../../envoy/gen/envoy/config/core/v3/extension.ts';
import { HeaderMutation } from '../../envoy/gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation.ts';
import { SCOPE_HEADER, SERVER_NAME_HEADER, serverNamed } from '../values/names.ts';

/**
 * Builds the extension that writes the reserved headers of a request before Envoy looks up its scope. It first removes
 * every reserved header that a client may have sent. The scope key begins with the port, so a host of one port cannot be
 * reached through another port. On HTTP ports there is no header with the server name, because no route reads it there.
 *
 * @param port the port of the fleet on which the request arrives
 */
export function earlyHeaders({ number, protocol }: Fleet['ports'][number]): TypedExtensionConfig {
  const mutations = HeaderMutation.fromPartial({
    mutations: [
      { action: { $case: 'removeOnMatch', value: { keyMatcher: { matchPattern: RESERVED } } } },
      overwrite(SCOPE_HEADER, `${number}|%REQ(:AUTHORITY)%`),
      ...(protocol === 'HTTPS' ? [overwrite(SERVER_NAME_HEADER, serverNamed('%REQUESTED_SERVER_NAME%'))] : []),
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

const overwrite = (key: string, value: string) => ({
  action: {
    $case: 'append' as const,
    value: { header: { key, value }, appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD },
  },
});
