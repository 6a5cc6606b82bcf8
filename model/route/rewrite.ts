import type { z } from 'zod';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { sparse } from '../values/sparse.ts';
import { Authority } from './authority.ts';
import { Path } from './path.ts';
import { RegexRewrite } from './regex-rewrite.ts';

/** Changes to the path and host of a request. `model/matching/path-rewrite.ts` defines how `uri` changes a path. */
export const Rewrite = sparse
  .strictObject({
    uri: Path.optional().describe(
      'Replaces what `uri` matched: the prefix of a prefix match, else the whole path. The query stays. A request gets 403 when its rewritten path would have a dot segment: with `prefix: /off` and `/` here, `/off../admin` would become `/../admin`.',
    ),
    fullPath: Path.optional().describe('Replaces the whole path, whatever `match[].uri` matched. The query stays.'),
    regex: RegexRewrite.optional().describe('Replaces the whole path by parts of it. The query stays.'),
    authority: Authority.optional().describe('Replaces the Host header.'),
  })
  .superRefine(({ authority, ...path }, context) => {
    const given = Object.entries(path).flatMap(([field, value]) => (value === undefined ? [] : [field]));
    if (given.length === 0 && authority === undefined)
      context.addIssue({ code: 'custom', message: 'needs uri, fullPath, regex or authority' });
    const [first, ...others] = given;
    for (const field of others)
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `excludes ${first}: a path is rewritten in one way`,
        params: { code: 'conflicting-fields' },
      });
  }, evenIfInvalid(isObject))
  .meta({ id: 'Rewrite', example: { uri: '/v2' } });
export type Rewrite = z.infer<typeof Rewrite>;
