import { z } from 'zod';

/** A path as a request line can hold it; control characters never arrive, and Envoy rejects them in a rewrite. */
export const Path = z
  .string()
  .min(1)
  .max(1024, { abort: true })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among what it rejects
  .regex(/^\/[^?#\s\x00-\x1f\x7f]*$/, 'must start with / and contain no query, fragment, space or control character');
