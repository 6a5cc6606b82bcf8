import { type Html, html } from './html.ts';

/**
 * Makes the content of a page about an account for a request without a session. A browser that follows a link from
 * another site, such as a web mailer, does not send the session, so the page leads to itself.
 */
export function signedOut(path: string, { headers }: Request): Html {
  if (headers.get('sec-fetch-site') === 'cross-site')
    return html`<p>This page shows data of your account.</p><p><a class="button" href="${path}">Continue</a></p>`;
  return html`<p>You are not signed in.</p><p><a class="button" href="/sign-in?next=${path}">Sign in</a></p>`;
}
