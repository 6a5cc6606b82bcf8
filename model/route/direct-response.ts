import { z } from 'zod';
import { byHeader } from '../values/by-header.ts';
import { HeaderValue, MutableHeaderName } from '../values/header.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { sparse } from '../values/sparse.ts';

/** The largest length of a body in bytes. Envoy rejects longer bodies. */
const MAX_BODY = 4096;

/**
 * Whether responses with this status have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). A client would read the body as
 * the next response on the connection.
 */
export const isBodiless = (status: number): boolean => status === 204 || status === 205 || status === 304;

/** https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1 */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:[ \t]*;[ \t]*[\w!#$&^.+-]+=(?:[\w!#$&^.+:/-]+|"[ !#-[\]-~]*"))*$/;

const ResponseHeaderName = MutableHeaderName.superRefine((name, context) => {
  if (name.toLowerCase() === 'content-type') context.addIssue({ code: 'custom', message: 'is written by contentType' });
});

/** A response that Envoy generates, without a request to an upstream. */
export const DirectResponse = sparse
  .strictObject({
    status: z.int().min(200).max(599),
    body: z
      .string()
      .max(MAX_BODY)
      .refine(
        // A character takes at most three bytes per unit of its length.
        (body) => body.length * 3 <= MAX_BODY || new TextEncoder().encode(body).length <= MAX_BODY,
        `must be at most ${MAX_BODY} bytes`,
      )
      .optional(),
    contentType: z
      .string()
      .max(256)
      .regex(MEDIA_TYPE, 'must be a media type such as application/json or text/html; charset=utf-8')
      .optional()
      .describe('The media type of the body. Default: `text/plain`.'),
    headers: byHeader(HeaderValue, ResponseHeaderName)
      .optional()
      .describe('Headers of the response, such as `retry-after`. Values are literal; `%` has no special meaning.'),
  })
  .superRefine(({ status, body, contentType }, context) => {
    if (contentType !== undefined && !body)
      context.addIssue({
        code: 'custom',
        path: ['contentType'],
        message: 'has no meaning without a body',
        params: { code: 'without-effect' },
      });
    if (body && isBodiless(status))
      context.addIssue({
        code: 'custom',
        path: ['body'],
        message: `a response with status ${status} has no body: leave it out, or use another status`,
        params: { code: 'body-refused' },
      });
  }, evenIfInvalid(isObject))
  .meta({
    id: 'DirectResponse',
    description: 'An answer without any upstream.',
    example: { status: 503, body: 'Back at noon.', headers: { 'retry-after': '3600' } },
  });
export type DirectResponse = z.infer<typeof DirectResponse>;
