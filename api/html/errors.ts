import type { ErrorFormat } from '../http/route.ts';
import { asProblem, type Problem, problems } from '../problem.ts';
import { documentOf, PAGE_HEADERS } from './document.ts';
import { html } from './html.ts';

/** Turns the detail of a problem into a sentence. */
export const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;

/** A form was rejected. The page shows it again, with the reasons. */
export class Rejected extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly page: string;

  constructor(status: number, headers: Record<string, string>, page: string) {
    super();
    this.status = status;
    this.headers = headers;
    this.page = page;
  }
}

function reasonsOf({ message, violations = [] }: Problem): string[] {
  const reasons = [message, ...violations.map(({ path, message: what }) => `${path.slice(1)} ${what}`)];
  const given = reasons.filter((reason) => reason !== '').map(sentence);
  return given.length > 0 ? given : ['Try again later.'];
}

/** Errors as web pages. */
export const pageErrors: ErrorFormat = {
  respond(thrown, requestId) {
    const headers = { ...PAGE_HEADERS, 'x-request-id': requestId };
    if (thrown instanceof Rejected)
      return new Response(thrown.page, { status: thrown.status, headers: { ...headers, ...thrown.headers } });
    const problem = asProblem(thrown);
    const { title } = problems[problem.code];
    const content = html`${reasonsOf(problem).map((reason) => html`<p>${reason}</p>`)}<p class="note">Request ${requestId}</p>
<p class="links"><a href="/account">Your account</a><a href="/sign-in">Sign in</a><a href="/docs">Documentation of the API</a></p>`;
    return new Response(documentOf(title, content), {
      status: problem.status,
      headers: { ...headers, ...problem.headers },
    });
  },
  documented: (statuses) =>
    Object.fromEntries(
      statuses.map((status) => [
        status,
        { description: 'A page with the reason.', content: { 'text/html': { schema: { type: 'string' } } } },
      ]),
    ),
};
