import { EDGE_NAME, LOOP_ENDED, LOOP_HEADER, TOO_MANY_PASSES } from '../../../../model/matching/loops.ts';
import { HeaderValueOption_HeaderAppendAction as Append } from '../../../envoy/gen/envoy/config/core/v3/base.ts';
import type { StringMatcher } from '../../../envoy/gen/envoy/type/matcher/v3/string.ts';
import { allOf, headerMatcher, reply } from './guard.ts';

/** Adds the edge to the header of a request, which Envoy does before its first filter. */
export const pass = {
  action: {
    $case: 'append' as const,
    value: { header: { key: LOOP_HEADER, value: EDGE_NAME }, appendAction: Append.APPEND_IF_EXISTS_OR_ADD },
  },
};

const header = (matchPattern: StringMatcher['matchPattern']) => headerMatcher(LOOP_HEADER, matchPattern);
const tooMany = header({ $case: 'safeRegex', value: { regex: `.*${TOO_MANY_PASSES.source}` } });

/**
 * The policy that rejects a request that has passed too often. Envoy joins the values of a header by commas, so the
 * value of an ordinary request has none.
 */
export const loops = allOf(header({ $case: 'contains', value: ',' }), tooMany);

/** Gives the rejection of this policy its status. */
export const loopReply = reply(tooMany, 508, LOOP_ENDED);
