import { request } from 'node:http';
import type { Call, Service } from './service.ts';

interface Review {
  reviewer: string;
  text: string;
  rating?: { stars?: number; color?: string; error?: string };
}
interface Reviews {
  version: string;
  reviews: Review[];
}
type Details = Record<string, string | number>;

/** The addresses of the services that the page calls. `host` is the Host header for services behind Envoy. */
export interface Backends {
  details: string;
  reviews: string;
  host?: string;
}

/**
 * The web page of the demo. Each request calls `details` and `reviews`. The page still renders when one of them fails.
 */
export function productpage(backends: Backends): Service {
  return {
    name: 'productpage',
    version: 'v1',
    handle: async (call) => {
      if (!['/', '/index.html', '/productpage'].includes(call.path)) {
        return { status: 404, body: { service: 'productpage', version: 'v1', error: 'no such page', path: call.path } };
      }
      const [details, reviews] = await Promise.all([
        json<Details>(`${backends.details}/details/1`, call),
        json<Reviews>(`${backends.reviews}/reviews/1`, call, backends.host),
      ]);
      return { type: 'text/html; charset=utf-8', body: page(details, reviews, call) };
    },
  };
}

/**
 * Requests JSON from a service. It does not use `fetch`, which cannot set the Host header by which Envoy chooses the
 * route. Resolves to undefined when the service does not respond.
 */
function json<T>(url: string, call: Call, host?: string): Promise<T | undefined> {
  const user = call.headers['end-user'];
  return new Promise((resolve) => {
    const outgoing = request(
      url,
      { timeout: 3000, headers: { ...(host && { host }), ...(typeof user === 'string' && { 'end-user': user }) } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(response.statusCode === 200 ? parse<T>(text) : undefined));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(undefined));
    outgoing.end();
  });
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

const FACTS = ['type', 'pages', 'publisher', 'language', 'isbn10'];

function page(details: Details | undefined, reviews: Reviews | undefined, { headers }: Call): string {
  const user = headers['end-user'];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Bookinfo</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}
dt{font-weight:600}blockquote{margin:1rem 0;padding-left:1rem;border-left:3px solid #8886}
.black{color:#000}.red{color:#c00}footer{color:#666;font-size:.85em}</style></head>
<body>
<h1>${html(details?.title ?? 'The Comedy of Errors')}</h1>
${user ? `<p>Signed in as <b>${html(user)}</b></p>` : ''}
<h2>Book details</h2>
${details ? `<dl>${FACTS.map((fact) => `<dt>${fact}</dt><dd>${html(details[fact] ?? '')}</dd>`).join('')}</dl>` : '<p>Details are unavailable.</p>'}
<h2>Book reviews</h2>
${reviews ? reviews.reviews.map(quote).join('\n') : '<p>Reviews are unavailable.</p>'}
<footer>Reviews served by: reviews ${html(reviews?.version ?? '(none)')}</footer>
</body>
</html>
`;
}

function quote({ reviewer, text, rating }: Review): string {
  const stars = rating?.stars
    ? `<br><span class="${html(rating.color ?? '')}">${'★'.repeat(rating.stars)}${'☆'.repeat(5 - rating.stars)}</span>`
    : '';
  return `<blockquote>${html(text)}<br><small>${html(reviewer)}</small>${stars}</blockquote>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function html(value: unknown): string {
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
