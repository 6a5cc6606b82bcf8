import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { parseCidr } from '../../../model/values/cidr.ts';
import { pack } from '../../envoy/any.ts';
import { SourceIPInput } from '../../envoy/gen/envoy/extensions/matching/common_inputs/network/v3/network_inputs.ts';
import { CidrRange } from '../../envoy/gen/xds/core/v3/cidr.ts';
import { Matcher, Matcher_OnMatch } from '../../envoy/gen/xds/type/matcher/v3/matcher.ts';

/** Networks, and what is done for the clients in them. */
interface Ranged {
  sources: readonly string[];
  onMatch: Matcher_OnMatch;
}

const clientAddress = {
  name: 'source-ip',
  typedConfig: pack(
    'envoy.extensions.matching.common_inputs.network.v3.SourceIPInput',
    SourceIPInput,
    SourceIPInput.fromPartial({}),
  ),
};

/**
 * Chooses by the longest prefix that contains an address.
 *
 * @param input yields the address; default: the address of the client
 */
export const bySourceIp = (ranged: readonly Ranged[], input = clientAddress): NonNullable<Matcher['matcherType']> =>
  Matcher.fromPartial({
    matcherType: {
      $case: 'matcherTree',
      value: {
        input,
        treeType: {
          $case: 'customMatch',
          value: { name: 'ranges', typedConfig: pack('xds.type.matcher.v3.IPMatcher', IpMatcher, ranged) },
        },
      },
    },
  }).matcherType!;

/**
 * The generated messages have no IPMatcher, because no message of Envoy contains one.
 * https://github.com/cncf/xds/blob/main/xds/type/matcher/v3/ip.proto
 */
const IpMatcher = {
  encode(ranged: readonly Ranged[]): BinaryWriter {
    const writer = new BinaryWriter();
    for (const { sources, onMatch } of ranged) {
      const matcher = writer.uint32(10).fork();
      for (const text of sources) {
        const { network, prefix } = parseCidr(text)!;
        const range = CidrRange.fromPartial({ addressPrefix: network.toString(), prefixLen: prefix });
        CidrRange.encode(range, matcher.uint32(10).fork()).join();
      }
      Matcher_OnMatch.encode(onMatch, matcher.uint32(18).fork()).join();
      matcher.join();
    }
    return writer;
  },
};
