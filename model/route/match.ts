import { z } from 'zod';
import { byHeader } from '../values/by-header.ts';
import { sparse } from '../values/sparse.ts';
import { CookieMatch, GrpcMatch, HeaderMatch, QueryMatch, Source, StringMatch, UriMatch } from './matchers.ts';

/** The fields that a condition on the gRPC service or method replaces. */
const NOT_WITH_GRPC = ['uri', 'ignoreUriCase', 'method'] as const;

/** A condition on a request. A rule applies when one of its conditions matches. */
export const Match = sparse
  .strictObject(
    {
      uri: UriMatch.optional(),
      ignoreUriCase: z.boolean().optional().describe('Compare `uri` without regard to case.'),
      grpc: GrpcMatch.optional(),
      method: StringMatch.optional(),
      scheme: StringMatch.optional().describe(
        'The scheme of the connection to the gateway, `http` or `https`; not what an absolute URL in the request says.',
      ),
      authority: StringMatch.optional().describe(
        'The Host header, or `:authority` in HTTP/2, as the client wrote it: with its port if it wrote one, and in its case.',
      ),
      headers: byHeader(HeaderMatch).optional().describe('Each of these headers must match.'),
      withoutHeaders: byHeader(HeaderMatch)
        .optional()
        .describe('None of these headers may match; a missing header counts as an empty one.'),
      cookies: CookieMatch.optional().describe(
        'Each of these cookies must match. Of several cookies of one name, only the first counts. Double quotes around a value do not belong to it.',
      ),
      queryParams: QueryMatch.optional().describe(
        'Each of these query parameters must match, as written in the URL (not decoded).',
      ),
      source: Source.optional(),
      port: z.int().min(1).max(65535).optional().describe('The port that the client connected to, as servers name it.'),
      gateways: z
        .array(z.string().max(200))
        .min(1)
        .max(32)
        .optional()
        .describe(
          'The request comes through one of these gateways, each written as in the `gateways` of the route. Default: all of them.',
        ),
    },
    checkGrpc,
  )
  .meta({
    id: 'Match',
    description: 'A condition: every field must match.',
    example: { uri: { pathPrefix: '/reviews' }, headers: { 'end-user': { exact: 'jason' } } },
  });
export type Match = z.infer<typeof Match>;

/** Reports fields that `grpc` replaces. The fields may have any shape. */
function checkGrpc(match: object, context: z.core.$RefinementCtx): void {
  const fields = match as Record<string, unknown>;
  if (fields.grpc === undefined) return;
  for (const field of NOT_WITH_GRPC)
    if (fields[field] !== undefined)
      context.addIssue({
        code: 'custom',
        path: [field],
        message: 'excludes grpc, which compares the path and the method itself',
        params: { code: 'conflicting-fields' },
      });
}
