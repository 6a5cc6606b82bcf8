import { type ChainCounts, chainCounts, chainPlacesIn } from '../../../model/binding/chain-counts.ts';
import type { Violation } from '../../../model/violations.ts';
import type { Put } from '../heads/head.ts';
import { type Candidate, type Gate, nothing } from './gate.ts';
import { lastPlace } from './last-place.ts';

const texts: Record<
  keyof ChainCounts,
  { code: string; message: (limit: number, count: number) => string; hint: string }
> = {
  profiles: {
    code: 'too-many-profiles',
    message: (limit, count) =>
      `the servers of a tenant may have ${limit} TLS settings in all that differ from the default ones, not ${count}`,
    hint: 'servers of one port with the same mode, trust bundle, names, versions, cipher suites and ALPN count once',
  },
  connectionRules: {
    code: 'too-many-connection-rules',
    message: (limit, count) =>
      `the routes of a tenant may have ${limit} rules in tls, tcp and udp in all, not ${count}`,
    hint: 'a rule may have many conditions, and a condition many server names',
  },
  connectionPorts: {
    code: 'too-many-ports',
    message: (limit, count) =>
      `the servers of a tenant may have ${limit} ports in all for TCP, UDP and database protocols, not ${count}`,
    hint: 'each such port belongs to one tenant of a fleet; servers of TLS and HTTP protocols share ports',
  },
};

/**
 * Limits the filter chains that one tenant adds to listeners. Envoy gets a listener as one message, so a change of any
 * chain takes time in proportion to all of them: a TLS profile is a chain of 9 KB with every HTTP filter.
 *
 * The operator may lower the limits below the number that a tenant has. The tenant may then still make every change
 * that adds none. The gate reports the last part of the change that adds a chain.
 */
export const chainQuota: Gate = {
  code: 'invalid-configuration',
  judge(candidate) {
    const { head, state, changes } = candidate;
    // Nearly all changes write nothing that adds a chain.
    if (head === state || !changes.some((change) => change.verb === 'put' && placesOf(change).length > 0))
      return nothing;
    const count = chainCounts(state.configuration);
    const { tlsProfiles, connectionRules, connectionPorts } = candidate.quotas;
    const limits: ChainCounts = { profiles: tlsProfiles, connectionRules, connectionPorts };
    const counted = Object.keys(limits) as (keyof ChainCounts)[];
    if (counted.every((each) => count[each] <= limits[each])) return nothing;
    const before = chainCounts(head.configuration);
    const errors = counted
      .filter((each) => count[each] > limits[each] && count[each] > before[each])
      .map((each) => violation(candidate, each, limits[each], count[each]));
    return { errors, warnings: [] };
  },
};

const placesOf = ({ kind, spec }: Put) => chainPlacesIn(kind, spec);

function violation({ changes }: Candidate, counted: keyof ChainCounts, limit: number, count: number): Violation {
  const { code, message, hint } = texts[counted];
  const place = lastPlace(changes, (change) => placesOf(change).filter((each) => each.counted === counted));
  // A change that adds a chain has a place.
  return { ...place!, code, message: message(limit, count), hint };
}
