import type { Duration } from '../../envoy/gen/google/protobuf/duration.ts';

/** @param milliseconds a whole number, at least 0 */
export const duration = (milliseconds: number): Duration => ({
  seconds: Math.floor(milliseconds / 1000),
  nanos: (milliseconds % 1000) * 1_000_000,
});

/** @param count a whole number of seconds, at least 0 */
export const seconds = (count: number): Duration => duration(count * 1000);
