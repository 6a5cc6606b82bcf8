import { z } from 'zod';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { sparse } from '../values/sparse.ts';
import { Authority, portOf } from './authority.ts';
import { Path } from './path.ts';

/** The status of a redirect without `status`. */
export const DEFAULT_REDIRECT_STATUS = 301;

/** The fields that change the URL. */
const PARTS = ['scheme', 'authority', 'port', 'uri', 'prefix'] as const;

/**
 * A response that sends the client to another URL. `model/matching/redirect.ts` defines how the URL is made from the
 * URL of the request.
 */
export const Redirect = sparse
  .strictObject({
    scheme: z.enum(['http', 'https']).optional().describe('Default: the scheme of the request.'),
    authority: Authority.optional().describe('The host, which may have a port. Default: the host of the request.'),
    port: z
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe(
        'Default: 80 or 443 when `scheme` is given, else the port of the server that the client connected to, as the gateway names it. The port in the Host header is ignored, so a redirect is right behind load balancers and mapped ports too. Port 80 of http and port 443 of https are not written.',
      ),
    uri: Path.optional().describe('Replaces the whole path.'),
    prefix: Path.optional().describe(
      'Replaces the prefix that `match[].uri` matched, as `rewrite.uri` does: `/` on the prefix `/foo` turns `/foo/bar` into `/bar`. Each match needs a `prefix` or a `pathPrefix`, or no `uri`.',
    ),
    status: z
      .literal([301, 302, 303, 307, 308])
      .optional()
      .describe(
        'Default: 301. Clients repeat the method and the body after 307 and 308. After 303, and often after 301 and 302, they send a GET.',
      ),
  })
  .superRefine((redirect, context) => {
    const issue = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message, params: { code: 'conflicting-fields' } });
    if (redirect.uri !== undefined && redirect.prefix !== undefined)
      issue('prefix', 'excludes uri: replace the whole path, or its prefix');
    if (
      redirect.port !== undefined &&
      typeof redirect.authority === 'string' &&
      portOf(redirect.authority) !== undefined
    )
      issue('port', 'excludes a port in authority');
    if (PARTS.every((field) => redirect[field] === undefined))
      context.addIssue({
        code: 'custom',
        message: `needs at least one of ${PARTS.join(', ')}: the client would be sent to the same URL`,
        params: { code: 'without-effect' },
      });
  }, evenIfInvalid(isObject))
  .meta({
    id: 'Redirect',
    description: 'Sends the client to another URL, which keeps the parts that no field names, and the query.',
    example: { scheme: 'https' },
  });
export type Redirect = z.infer<typeof Redirect>;
