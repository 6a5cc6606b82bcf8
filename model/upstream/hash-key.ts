import { z } from 'zod';
import { exactlyOne } from '../values/exactly-one.ts';
import { HeaderName } from '../values/header.ts';

/** The name of a cookie: a token (RFC 6265 §4.1.1). */
export const CookieName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/, 'is not the name of a cookie');

export const HashKey = z
  .strictObject({
    header: HeaderName.optional().describe('The value of this request header.'),
    cookie: CookieName.optional().describe('The value of this cookie, which your application sets.'),
    queryParam: z.string().min(1).max(256).optional().describe('The first value of this query parameter.'),
    sourceIp: z.literal(true).optional().describe('The address of the client, as the gateway sees it.'),
  })
  .superRefine(exactlyOne('header', 'cookie', 'queryParam', 'sourceIp'))
  .meta({ id: 'HashKey', description: 'A part of the request from which a hash is computed.' });
export type HashKey = z.infer<typeof HashKey>;
