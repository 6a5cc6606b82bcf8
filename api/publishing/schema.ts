import { z } from '@hono/zod-openapi';

/** One field that differs between two configurations. */
export const Difference = z
  .object({
    resource: z.string(),
    path: z
      .string()
      .meta({ description: 'JSON pointer inside the spec; empty when the whole resource was added or removed.' }),
    operation: z.enum(['add', 'remove', 'replace']),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({ id: 'Difference' });
