import { z } from 'zod';

/** A path in a condition or a rewrite. Envoy rejects control characters in both requests and rewrites. */
export const Path = z
  .string()
  .min(1)
  .max(1024, { abort: true })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among what it rejects
  .regex(/^\/[^?#\s\x00-\x1f\x7f]*$/, 'must start with / and contain no query, fragment, space or control character');
