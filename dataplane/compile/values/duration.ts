import type { Duration } from '../../envoy/gen/google/protobuf/duration.ts';

/** Converts milliseconds into a protobuf Duration. @param milliseconds a whole number, at least 0 */
export const duration = (milliseconds: number): Duration => ({
  seconds: Math.floor(milliseconds / 1000),
  nanos: (milliseconds % 1000) * 1_000_000,
});

/** Converts seconds into a protobuf Duration. @param count a whole number of seconds, at least 0 */
export const seconds = (count: number): Duration => duration(count * 1000);
