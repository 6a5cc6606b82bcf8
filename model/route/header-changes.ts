import { z } from 'zod';
import { byHeader } from '../values/by-header.ts';
import { HeaderValue, MutableHeaderName } from '../values/header.ts';
import { sparse } from '../values/sparse.ts';

/** Changes to the headers of a request or of a response. */
export const HeaderChanges = sparse
  .strictObject({
    set: byHeader(HeaderValue, MutableHeaderName).optional().describe('Overwrites or creates.'),
    add: byHeader(HeaderValue, MutableHeaderName).optional().describe('Appends another value.'),
    remove: z
      .array(MutableHeaderName.overwrite((name) => name.toLowerCase()))
      .max(32)
      .optional(),
  })
  .meta({
    id: 'HeaderChanges',
    description: 'Values are literal; `%` has no special meaning.',
    example: { set: { 'x-team': 'books' } },
  });
export type HeaderChanges = z.infer<typeof HeaderChanges>;

/** Changes to the headers of requests and of their responses. */
export const HeadersOfBoth = sparse.strictObject({
  request: HeaderChanges.optional(),
  response: HeaderChanges.optional(),
});
