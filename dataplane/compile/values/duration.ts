import type { Duration } from '../../envoy/gen/google/protobuf/duration.ts';

export const duration = (milliseconds: number): Duration => ({
  seconds: Math.floor(milliseconds / 1000),
  nanos: (milliseconds % 1000) * 1_000_000,
});

export const seconds = (count: number): Duration => duration(count * 1000);
