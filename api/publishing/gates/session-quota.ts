import { datagramPlaces, mostSessions, udpSessions } from '../../../model/binding/udp-sessions.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import type { Change } from '../heads/head.ts';
import { type Gate, nothing } from './gate.ts';
import { lastPlace } from './last-place.ts';

/**
 * Limits the sessions for datagrams of one tenant. Envoy opens a socket per session, and it crashes when it has no file
 * descriptor left; a client without a token can begin as many sessions as it has ports.
 *
 * The operator may lower the limit below the sessions of a tenant. The tenant may then still make every change that
 * adds none.
 */
export const sessionQuota: Gate = {
  code: 'invalid-configuration',
  judge({ head, state, changes, quotas }) {
    const isAdding = (change: Change) =>
      change.kind === 'upstream'
        ? mostSessions(state.configuration, change.name) > mostSessions(head.configuration, change.name)
        : placesIn(change).length > 0;
    // Nearly all changes add no sessions. To count them reads every route.
    if (head === state || !changes.some(isAdding)) return nothing;
    const limit = quotas.udpSessions;
    const sessions = udpSessions(state.configuration);
    if (sessions <= limit || sessions <= udpSessions(head.configuration)) return nothing;
    const violation: Violation = {
      ...placeOf(changes),
      code: 'too-many-sessions',
      message: `the destinations of a tenant's datagrams may have ${limit} sessions in each Envoy, not ${sessions}`,
      hint: 'each upstream and subset in a udp rule counts its circuitBreaker.maxConnections: set a smaller one',
    };
    return { errors: [violation], warnings: [] };
  },
};

const placesIn = (change: Change) =>
  change.kind === 'route' && change.verb === 'put' ? datagramPlaces(change.spec) : [];

/** Returns the last destination of datagrams in the change; the upstream, when no route changed. */
function placeOf(changes: readonly Change[]): Pick<Violation, 'resource' | 'path'> {
  const upstream = changes.find(({ kind }) => kind === 'upstream')?.name ?? '';
  const limit = { resource: resourceName('upstream', upstream), path: '/circuitBreaker/maxConnections' };
  return lastPlace(changes, placesIn) ?? limit;
}
