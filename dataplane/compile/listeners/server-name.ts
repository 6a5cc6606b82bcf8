/** Decides which TLS connections a listener accepts, by the server name (SNI) that an untrusted client wrote. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { type HostPattern, patternsCovering } from '../../../model/values/host.ts';
import { pack } from '../../envoy/any.ts';
import {
  ApplicationProtocolInput,
  ServerNameInput,
} from '../../envoy/gen/envoy/extensions/matching/common_inputs/network/v3/network_inputs.ts';
import {
  Matcher,
  Matcher_MatcherList_Predicate,
  Matcher_OnMatch,
} from '../../envoy/gen/xds/type/matcher/v3/matcher.ts';
import type { StringMatcher } from '../../envoy/gen/xds/type/matcher/v3/string.ts';
import { ACME_TLS, CHALLENGE_CHAIN } from './challenge.ts';
import { bySourceIp } from './source-ip.ts';

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
 * The filter chain of a server name: its name; undefined for the default chain; or chains by the address of the client,
 * of which one without `sources` serves all other clients.
 */
type ChainChoice = string | undefined | readonly { chain: string; sources: readonly string[] | undefined }[];

/** The name of the filter chain that belongs to the fleet. It serves all names that no tenant's chain serves. */
export const DEFAULT_CHAIN = 'default';

/**
 * Selects the filter chain of a TLS connection by its server name, which Envoy has written in lower case. Envoy closes
 * a connection before the handshake if the name is one that no host can have. A connection without a server name gets
 * the default chain.
 *
 * A change of the matcher alone leaves all chains as they are, and with them all connections.
 *
 * @param hosts the server names. A more specific host counts. Envoy closes a connection whose chain does not exist
 * @param challenged whether the listener has a chain that answers challenges of certificate authorities
 */
export function byServerName(hosts: readonly ServerName[], challenged = false): Matcher {
  const noHost = serverName({ matchPattern: re2(NOT_A_HOST) });
  return Matcher.fromPartial({
    matcherType: {
      $case: 'matcherList',
      value: {
        matchers: [
          { predicate: noHost, onMatch: select(CLOSED) },
          ...(challenged ? [{ predicate: challenge, onMatch: nearest(challengedNames(hosts), CHALLENGE_CHAIN) }] : []),
        ],
      },
    },
    onNoMatch: nearest(hosts, DEFAULT_CHAIN),
  });
}

/**
 * A server name, with its chain. Of connections that are forwarded without decryption, challenges are forwarded as
 * well: the application has the certificate, and may obtain it so.
 */
export type ServerName = readonly [host: HostPattern, chain: ChainChoice, isForwarded?: boolean];

/**
 * Returns the server names on which the chain of a challenge depends: those that are forwarded, and others below them.
 */
function challengedNames(hosts: readonly ServerName[]): ServerName[] {
  const forwarded = new Set(hosts.flatMap(([host, , isForwarded]) => (isForwarded ? [host] : [])));
  if (forwarded.size === 0) return [];
  return hosts.flatMap((each): ServerName[] => {
    const [host, , isForwarded] = each;
    if (isForwarded) return [each];
    return [...patternsCovering(host)].some((above) => forwarded.has(above)) ? [[host, CHALLENGE_CHAIN]] : [];
  });
}

/**
 * Selects the chain of the most specific host that covers the server name.
 *
 * @param otherwise the chain of other names
 */
function nearest(hosts: readonly ServerName[], otherwise: string): ReturnType<typeof select | typeof nested> {
  const chains = [...hosts].sort(([a], [b]) => (a < b ? -1 : 1));
  const exact = chains.filter(([host]) => !host.startsWith('*'));
  // A longer suffix is more specific. `*` has the suffix that every name has.
  const wildcards = chains.filter(([host]) => host.startsWith('*')).sort(([a], [b]) => b.length - a.length);
  const byWildcard =
    wildcards.length === 0
      ? select(otherwise)
      : nested(
          Matcher.fromPartial({
            matcherType: {
              $case: 'matcherList',
              value: {
                matchers: wildcards.map(([host, chain]) => ({
                  predicate: serverName({
                    matchPattern: host === '*' ? re2('.+') : { $case: 'suffix', value: host.slice(1) },
                  }),
                  onMatch: choose(chain),
                })),
              },
            },
            onNoMatch: select(otherwise),
          }),
        );
  if (exact.length === 0) return byWildcard;
  const map = Object.fromEntries(exact.map(([host, chain]) => [host, choose(chain)]));
  return nested(
    Matcher.fromPartial({
      matcherType: { $case: 'matcherTree', value: { input, treeType: { $case: 'exactMatchMap', value: { map } } } },
      onNoMatch: byWildcard,
    }),
  );
}

const input = {
  name: 'server-name',
  typedConfig: pack(
    'envoy.extensions.matching.common_inputs.network.v3.ServerNameInput',
    ServerNameInput,
    ServerNameInput.fromPartial({}),
  ),
};

const serverName = (value: Partial<StringMatcher>): Matcher_MatcherList_Predicate =>
  Matcher_MatcherList_Predicate.fromPartial({
    matchType: { $case: 'singlePredicate', value: { input, matcher: { $case: 'valueMatch', value } } },
  });

/** Of the ClientHello of an authority, the only protocol (RFC 8737 §3). Envoy quotes each protocol, and joins them. */
const challenge = Matcher_MatcherList_Predicate.fromPartial({
  matchType: {
    $case: 'singlePredicate',
    value: {
      input: {
        name: 'application-protocol',
        typedConfig: pack(
          'envoy.extensions.matching.common_inputs.network.v3.ApplicationProtocolInput',
          ApplicationProtocolInput,
          ApplicationProtocolInput.fromPartial({}),
        ),
      },
      matcher: { $case: 'valueMatch', value: { matchPattern: { $case: 'exact', value: `'${ACME_TLS}'` } } },
    },
  },
});

const re2 = (regex: string) => ({
  $case: 'safeRegex' as const,
  value: { engineType: { $case: 'googleRe2' as const, value: {} }, regex },
});

const nested = (value: Matcher) => ({ onMatch: { $case: 'matcher' as const, value } });

// The generated messages have no StringValue, because no message of Envoy contains one. Its only field is number 1.
const StringValue = { encode: (value: string) => new BinaryWriter().uint32(10).string(value) };

const select = (chain: string = DEFAULT_CHAIN) => ({
  onMatch: {
    $case: 'action' as const,
    value: { name: chain, typedConfig: pack('google.protobuf.StringValue', StringValue, chain) },
  },
});

function choose(chain: ChainChoice): ReturnType<typeof select> | ReturnType<typeof nested> {
  if (chain === undefined || typeof chain === 'string') return select(chain);
  const ranged = chain.flatMap(({ chain: name, sources }) =>
    sources ? { sources, onMatch: Matcher_OnMatch.fromPartial(select(name)) } : [],
  );
  const others = chain.find(({ sources }) => sources === undefined);
  return nested(Matcher.fromPartial({ matcherType: bySourceIp(ranged), onNoMatch: select(others?.chain ?? CLOSED) }));
}
