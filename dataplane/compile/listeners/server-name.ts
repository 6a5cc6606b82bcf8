/** Decides which TLS connections a listener accepts, by the server name (SNI) that an untrusted client wrote. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { pack } from '../../envoy/any.ts';
import { ServerNameInput } from '../../envoy/gen/envoy/extensions/matching/common_inputs/network/v3/network_inputs.ts';
import { Matcher } from '../../envoy/gen/xds/type/matcher/v3/matcher.ts';

/**
 * An RE2 pattern for server names that no host can have (RFC 6066 §3). Envoy subscribes to a secret under exactly the
 * name that a client sends. Envoy reads the name `*` as a subscription to every secret, and then rejects the
 * certificates of all other names. It reads names with `xdstp:` as another protocol. The pattern matches bytes, so it
 * also matches bytes that are not valid UTF-8.
 */
const NOT_A_HOST = '[\\x00-\\xff]*[^A-Za-z0-9._-][\\x00-\\xff]*';

/** A name that no filter chain has. Envoy closes a connection for which it finds no chain. */
const CLOSED = 'closed';

/**
 * Selects the filter chain of a TLS connection.
 *
 * @param chain the name of the filter chain for connections without a server name, or with a server name that a host can
 *   have; Envoy closes all other connections before the handshake
 */
export const acceptHostNames = (chain: string): Matcher =>
  Matcher.fromPartial({
    matcherType: {
      $case: 'matcherList',
      value: {
        matchers: [
          {
            predicate: {
              matchType: {
                $case: 'singlePredicate',
                value: {
                  input: {
                    name: 'server-name',
                    typedConfig: pack(
                      'envoy.extensions.matching.common_inputs.network.v3.ServerNameInput',
                      ServerNameInput,
                      ServerNameInput.fromPartial({}),
                    ),
                  },
                  matcher: {
                    $case: 'valueMatch',
                    value: {
                      matchPattern: {
                        $case: 'safeRegex',
                        value: { engineType: { $case: 'googleRe2', value: {} }, regex: NOT_A_HOST },
                      },
                    },
                  },
                },
              },
            },
            onMatch: select(CLOSED),
          },
        ],
      },
    },
    onNoMatch: select(chain),
  });

// The generated messages have no StringValue, because no message of Envoy contains one. Its only field is number 1.
const StringValue = { encode: (value: string) => new BinaryWriter().uint32(10).string(value) };

const select = (chain: string) => ({
  onMatch: {
    $case: 'action' as const,
    value: { name: chain, typedConfig: pack('google.protobuf.StringValue', StringValue, chain) },
  },
});
