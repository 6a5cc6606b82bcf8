import type { Services } from '../context.ts';
import type { Moment } from '../store/endpoints.ts';

/** Returns the current time, by which registrations expire. */
export const momentOf = ({ clock, settings }: Pick<Services, 'clock' | 'settings'>): Moment => ({
  now: clock(),
  grace: 2 * settings.endpointExpiry,
});
