import type { Rule } from '../route/rule.ts';
import type { Arrival } from './arrival.ts';
import { type EdgeResponse, responseTo } from './effect.ts';

/**
 * Returns the response of a rule whose fault aborts every request.
 *
 * @returns undefined when some requests may reach an upstream, or get another response
 */
export function certainAbort({ fault, route = [] }: Rule, arrival: Arrival): EdgeResponse | undefined {
  const { httpStatus, grpcStatus, percentage = 100 } = fault?.abort ?? {};
  if (percentage < 100 || route.some(({ directResponse }) => directResponse)) return undefined;
  const status = httpStatus ?? (grpcStatus === undefined ? undefined : 200);
  if (status === undefined) return undefined;
  const answer = responseTo(arrival, { status, body: 'fault filter abort' });
  return answer.grpcStatus === undefined || grpcStatus === undefined ? answer : { ...answer, grpcStatus };
}
