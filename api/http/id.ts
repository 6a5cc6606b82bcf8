import { z } from '@hono/zod-openapi';

/** The id of an object, in a path. */
export const Id = z.string().min(1).max(64);
