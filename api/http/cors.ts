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
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Prefer',
  'X-Request-Id',
];

/** How long a browser caches a preflight, in seconds: Chrome's maximum. */
const REMEMBERED = 7200;

/**
 * Lets pages of these origins call the API. Credentials mode stays off: pages set the token header themselves, and
 * browsers never add it on their own.
 *
 * @param origins `https://dashboard.example.com`; `*` = any
 */
export const allowOrigins = (origins: readonly string[]) =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: SENT,
    exposeHeaders: EXPOSED,
    maxAge: REMEMBERED,
  });
