import type { Credentials } from '../access/identify.ts';
import { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';

/** Methods that change nothing, so a page of another origin gains nothing by sending them. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Checks that the page that sent a request with the session's cookie may do so. The cookie has `SameSite=Strict`, but
 * pages of other origins below the same domain, such as the site of a tenant, still send it.
 *
 * https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 *
 * @returns false when another site sent a read; the cookie then does not count
 * @throws Problem `forbidden` when a change does not come from a page of the API or of a configured origin
 */
export function requireOwnPage(
  { headers, method, url }: Credentials,
  { publicUrl, corsOrigins }: Pick<Settings, 'publicUrl' | 'corsOrigins'>,
): boolean {
  const origin = headers.get('origin');
  // A browser sends the cookie only to the host that set it, so a page at the URL of the request is one of the API. If
  // people use TLS and the request has none, a proxy ended it, or somebody on the way made the page.
  const { origin: here, protocol } = new URL(url);
  const isPlain = protocol === 'http:' && publicUrl.startsWith('https:');
  const own = [publicUrl, ...corsOrigins, ...(isPlain ? [] : [here])];
  const isKnown = origin !== null && origin !== '*' && own.includes(origin);
  if (SAFE.has(method)) return isKnown || (origin === null && headers.get('sec-fetch-site') !== 'cross-site');
  if (isKnown) return true;
  const isForm = headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
  if (isForm)
    throw new Problem('forbidden', { detail: `the form was not sent from a page of ${publicUrl}; open it there` });
  throw new Problem('forbidden', {
    detail: `a change with the session's cookie needs the header Origin with ${publicUrl} or an origin in GATEHOUSE_CORS_ORIGINS; other clients send Authorization: Bearer`,
  });
}
