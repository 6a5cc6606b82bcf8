import { cors } from 'hono/cors';

/** Response headers that a page may read. https://fetch.spec.whatwg.org/#http-access-control-expose-headers */
const EXPOSED = [
  'ETag',
  'Gatehouse-Revision',
  'Gatehouse-Status',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
];
const SENT = [
  'Authorization',
  'Content-Type',
  'Gatehouse-Reason',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Prefer',
  'X-Request-Id',
];

/** The time for which a browser caches a preflight, in seconds. This is the maximum of Chrome. */
const REMEMBERED = 7200;

/**
 * Allows pages of these origins to call the API, with the session's cookie. If all origins are allowed, browsers do not
 * send the cookie. Pages then need a token.
 *
 * @param origins the allowed origins, such as `https://dashboard.example.com`; `*` allows all
 */
export const allowOrigins = (origins: readonly string[]) =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    credentials: !origins.includes('*'),
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: SENT,
    exposeHeaders: EXPOSED,
    maxAge: REMEMBERED,
  });
