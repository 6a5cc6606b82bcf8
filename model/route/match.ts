import { z } from 'zod';
import { byHeader } from '../values/by-header.ts';
import { HeaderMatch, QueryMatch, StringMatch, UriMatch } from './matchers.ts';

/** A condition on a request. A rule applies when one of its conditions matches. */
export const Match = z
  .strictObject({
    uri: UriMatch.optional(),
    ignoreUriCase: z.boolean().optional().describe('Compare `uri` without regard to case.'),
    method: StringMatch.optional(),
    headers: byHeader(HeaderMatch).optional().describe('Each of these headers must match.'),
    withoutHeaders: byHeader(HeaderMatch)
      .optional()
      .describe('None of these headers may match; a missing header counts as an empty one.'),
    queryParams: QueryMatch.optional().describe(
      'Each of these query parameters must match, as written in the URL (not decoded).',
    ),
  })
  .meta({
    id: 'Match',
    description: 'A condition: every field must match.',
    example: { uri: { pathPrefix: '/reviews' }, headers: { 'end-user': { exact: 'jason' } } },
  });
export type Match = z.infer<typeof Match>;
