import type { Context } from '../context.ts';
import { type Html, html } from '../html/html.ts';
import type { SessionHolder } from '../store/person-sessions.ts';
import type { Fields } from './form.ts';
import type { Page } from './page.ts';
import { visitorOf } from './visitor.ts';

/** Makes the content of a page about the account of the person who opens it. */
export const personal =
  (path: string, content: (ctx: Context, holder: SessionHolder, fields: Fields) => Promise<Html>): Page['content'] =>
  async (ctx, fields, request) => {
    const holder = await visitorOf(ctx, request);
    return holder ? content(ctx, holder, fields) : signedOut(path, request);
  };

export const backToAccount = html`<p class="links"><a href="/account">Back</a></p>`;

/**
 * A browser that follows a link from another site, such as a web mailer, does not send the session, so the page leads to
 * itself.
 */
function signedOut(path: string, { headers }: Request): Html {
  if (headers.get('sec-fetch-site') === 'cross-site')
    return html`<p>This page shows data of your account.</p><p><a class="button" href="${path}">Continue</a></p>`;
  return html`<p>You are not signed in.</p><p><a class="button" href="/sign-in?next=${path}">Sign in</a></p>`;
}
