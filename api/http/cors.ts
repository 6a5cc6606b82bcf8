import { cors } from 'hono/cors';

/** What a page may read of an answer, beside its body. https://fetch.spec.whatwg.org/#http-access-control-expose-headers */
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

/** How long a browser remembers a preflight, seconds: Chrome's own limit. */
const REMEMBERED = 7200;

/**
 * Lets pages of these origins call the API. Without credentials: tokens travel in a header that a page sets itself, so no browser adds one on
 * its own account.
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
