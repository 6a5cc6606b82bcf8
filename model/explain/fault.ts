import type { Fault } from '../route/fault.ts';
import type { Rule } from '../route/rule.ts';
import { isDivided } from '../route/shares.ts';
import type { Arrival } from './arrival.ts';
import { type EdgeResponse, responseTo } from './edge-response.ts';

/**
 * Returns the response to requests that a fault aborts.
 *
 * @returns undefined when the fault does not abort every request
 */
export function certainAbort(fault: Fault | undefined, arrival: Arrival): EdgeResponse | undefined {
  const { httpStatus, grpcStatus, percentage = 100 } = fault?.abort ?? {};
  if (percentage < 100) return undefined;
  const status = httpStatus ?? (grpcStatus === undefined ? undefined : 200);
  if (status === undefined) return undefined;
  const answer = responseTo(arrival, { status, body: 'fault filter abort' });
  return answer.grpcStatus === undefined || grpcStatus === undefined ? answer : { ...answer, grpcStatus };
}

/**
 * Returns the response of a rule whose fault aborts every request.
 *
 * @returns undefined when some requests may reach an upstream, or when the response depends on the share
 */
export const certainAbortOf = (rule: Rule, arrival: Arrival): EdgeResponse | undefined =>
  isDivided(rule) ? undefined : certainAbort(rule.fault, arrival);
