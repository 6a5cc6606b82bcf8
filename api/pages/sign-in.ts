import { cookieOf } from '../people/people.ts';
import { SignIn } from '../people/schema.ts';
import { signIn } from '../people/sign-in.ts';
import { html } from './html.ts';
import { checked, isCode, isOwnPath, type Page } from './page.ts';

/** `next` is the page to which the person returns, and `code` the code that it needs. */
export const signInPage: Page = {
  path: '/sign-in',
  title: 'Sign in',
  access: 'public',
  fields: ['email', 'password', 'next', 'code'],
  inUrl: ['next'],
  content(ctx, fields) {
    const company = `/v1/auth/oidc?returnTo=${encodeURIComponent(pageAfter(fields.value('next')))}`;
    return html`<form method="post" action="/sign-in">
${fields.alert}
${fields.field('email', { label: 'E-mail address', type: 'email', autocomplete: 'username' })}
${fields.field('password', { label: 'Password', type: 'password', autocomplete: 'current-password' })}
${fields.hidden('next')}${fields.hidden('code')}
<button>Sign in</button>
</form>
${ctx.services.oidc ? html`<p><a class="button" href="${company}">Sign in with your company</a></p>` : ''}
<p class="links"><a href="/forgot-password">Forgot your password?</a> <a href="/sign-up">Sign up</a></p>`;
  },
  async submit(ctx, { email, password, next, code = '' }, request) {
    const { begun } = await signIn(ctx, checked(SignIn, { email, password }), request.headers);
    // Browsers do not send what follows `#`, so the code is in no log.
    const location = isCode(code) ? `${pageAfter(next)}#code=${code}` : pageAfter(next);
    return { location, headers: cookieOf(begun.secret, ctx.services.settings.sessionFor / 1000) };
  },
};

/** Returns the page after the sign-in. Nobody can send a person to another server. */
const pageAfter = (next: string | undefined): string => (next !== undefined && isOwnPath(next) ? next : '/account');
