import { duration } from './duration.ts';

/** The longest time that a stream may last, in milliseconds: 24 hours. */
export const LONGEST_STREAM_MS = 24 * 60 * 60_000;

/**
 * The longest time that a stream may last, whatever its rule says. Envoy cannot end a stream when its host is removed or
 * its tenant is suspended, because the connections of all tenants share one filter chain.
 */
export const LONGEST_STREAM = duration(LONGEST_STREAM_MS);
