import { z } from 'zod';

/** A path of this origin. `//host` and `/\host` would be another origin for a browser. */
export const OwnPath = z
  .string()
  .max(1000)
  .regex(/^\/(?![/\\])[!-~]*$/, 'must be a path such as /tenants/acme');
