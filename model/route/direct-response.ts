import { z } from 'zod';
import { evenIfInvalid, isObject } from '../values/refine.ts';

/** The largest length of a body in bytes. Envoy rejects longer bodies. */
const MAX_BODY = 4096;

/**
 * Whether responses with this status have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). A client would read the body as
 * the next response on the connection.
 */
export const isBodiless = (status: number): boolean => status === 204 || status === 205 || status === 304;

/** A response that Envoy generates, without a request to an upstream. */
export const DirectResponse = z
  .strictObject({
    status: z.int().min(200).max(599),
    body: z
      .string()
      .max(MAX_BODY)
      .refine((body) => new TextEncoder().encode(body).length <= MAX_BODY, `must be at most ${MAX_BODY} bytes`)
      .optional(),
  })
  .superRefine(({ status, body }, context) => {
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
    example: { status: 503, body: 'Back at noon.' },
  });
export type DirectResponse = z.infer<typeof DirectResponse>;
