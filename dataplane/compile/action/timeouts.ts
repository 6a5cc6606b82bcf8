import type { Rule } from '../../../model/route/rule.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import type {
  RouteAction_MaxStreamDuration as MaxStreamDuration,
  RouteAction,
} from '../../envoy/gen/envoy/config/route/v3/route_components.ts';
import { duration } from '../values/duration.ts';

/**
 * The default idle timeout of a route in milliseconds: Envoy ends a stream without traffic in either direction after
 * this time. The idle timeout of the connection manager applies only to hosts that are not loaded yet.
 */
const IDLE = 5 * 60_000;

/** Builds the time limits of a route. */
export function timeLimits({
  timeout,
  idleTimeout,
  streamTimeout,
}: Pick<Rule, 'timeout' | 'idleTimeout' | 'streamTimeout'>): Partial<RouteAction> {
  // No limit for the whole request by default, because downloads, event streams and gRPC streams last long.
  const whole = timeout === undefined ? 0 : milliseconds(timeout)!;
  const idle = idleTimeout === undefined ? Math.max(IDLE, whole) : milliseconds(idleTimeout)!;
  return {
    timeout: duration(whole),
    idleTimeout: duration(idle),
    ...(streamTimeout !== undefined
      ? { maxStreamDuration: limited(duration(milliseconds(streamTimeout)!)) }
      : whole === 0 && { maxStreamDuration: DEADLINE }),
  };
}

const maxStreamDuration = (value: Partial<MaxStreamDuration>): MaxStreamDuration => ({
  maxStreamDuration: undefined,
  grpcTimeoutHeaderMax: undefined,
  grpcTimeoutHeaderOffset: undefined,
  ...value,
});

/**
 * The deadline that a gRPC client sends (`grpc-timeout`) ends its call, however long it is. With this field, Envoy ignores
 * `timeout` of the route, so rules with a timeout do not have it.
 */
const DEADLINE = maxStreamDuration({ grpcTimeoutHeaderMax: duration(0) });

/** The deadline of a client may end its call earlier than the rule does, never later. */
const limited = (limit: ReturnType<typeof duration>) =>
  maxStreamDuration({ maxStreamDuration: limit, grpcTimeoutHeaderMax: limit });
