import { AFTER_COLON, NOT_A_PORT } from '../../../../model/values/host.ts';
import { allOf, headerMatcher, reply } from './guard.ts';

const invalid = headerMatcher(
  ':authority',
  { $case: 'safeRegex', value: { regex: AFTER_COLON.source } },
  { invertMatch: true },
);

/**
 * The policy that rejects a Host header whose host is followed by something else than a port. Envoy compares only the
 * part before the colon, so it would serve `shop.example:80@evil.example` as `shop.example`, and an application that
 * builds links from the Host header would link to evil.example.
 */
export const portsOfHosts = allOf(headerMatcher(':authority', { $case: 'contains', value: ':' }), invalid);

/** Gives the rejection of this policy its status. */
export const portReply = reply(invalid, 400, NOT_A_PORT);
