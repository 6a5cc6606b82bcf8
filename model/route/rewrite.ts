import { z } from 'zod';
import { Authority } from './authority.ts';
import { Path } from './path.ts';

/** Changes to the path and host of a request. `model/matching/path-rewrite.ts` defines how `uri` changes a path. */
export const Rewrite = z
  .strictObject({
    uri: Path.optional().describe(
      'Replaces what `uri` matched: the prefix of a prefix match, else the whole path. The query stays. A request gets 403 when its rewritten path would have a dot segment: with `prefix: /off` and `/` here, `/off../admin` would become `/../admin`.',
    ),
    authority: Authority.optional().describe('Replaces the Host header.'),
  })
  .refine((rewrite) => rewrite.uri !== undefined || rewrite.authority !== undefined, 'needs uri or authority')
  .meta({ id: 'Rewrite', example: { uri: '/v2' } });
export type Rewrite = z.infer<typeof Rewrite>;
