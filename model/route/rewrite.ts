import { z } from 'zod';
import { Path } from './path.ts';

/** Changes to the path and host of a request. `model/matching/path-rewrite.ts` defines how `uri` changes a path. */
export const Rewrite = z
  .strictObject({
    uri: Path.optional().describe(
      'Replaces what `uri` matched: the prefix of a prefix match, else the whole path. The query stays. A request gets 403 when its rewritten path would have a dot segment: with `prefix: /off` and `/` here, `/off../admin` would become `/../admin`.',
    ),
    authority: z
      .string()
      .min(1)
      .max(260)
      .regex(/^([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/, 'must be a host, with or without port')
      .optional()
      .describe('Replaces the Host header.'),
  })
  .refine((rewrite) => rewrite.uri !== undefined || rewrite.authority !== undefined, 'needs uri or authority')
  .meta({ id: 'Rewrite', example: { uri: '/v2' } });
