import { z } from 'zod';
import { html } from '../html/html.ts';
import { OwnPath } from '../http/own-path.ts';
import { start } from '../oidc/start.ts';
import { PasskeySignIn } from '../passkeys/schema.ts';
import { signIn as signInWithPasskey } from '../passkeys/sign-in.ts';
import { cookiesOf } from '../people/people.ts';
import { SignIn } from '../people/schema.ts';
import { signIn } from '../people/sign-in.ts';
import { hasPasskeys } from '../webauthn/relying-party.ts';
import { Fields } from './form.ts';
import { checked, isCode, jsonOf, type Page } from './page.ts';
import { passkeyForm, withPasskeys } from './passkey-form.ts';
import { signUpPage } from './sign-up.ts';
import { alreadySignedIn } from './visitor.ts';

const PASSKEY = { path: '/sign-in', kind: 'get', options: '/v1/auth/passkey-sign-in/options' } as const;
const Signed = z.object({ passkey: jsonOf(PasskeySignIn.shape.passkey) });

/**
 * `next` is the page to which the person returns, and `code` the code that it needs. `company` begins a sign-in there.
 * `join` shows the form for a new account instead, which keeps the code.
 */
export const signInPage: Page = {
  path: '/sign-in',
  title: 'Sign in',
  access: 'public',
  fields: ['email', 'password', 'next', 'code', 'company', 'passkey', 'join'],
  inUrl: ['next'],
  async content(ctx, fields, request) {
    const code = fields.value('code');
    const after = html`${fields.hidden('next')}${fields.hidden('code')}`;
    return html`${await alreadySignedIn(ctx, request)}<form method="post" action="/sign-in">
${fields.alert}
${fields.field('email', { label: 'E-mail address', type: 'email', autocomplete: 'username' })}
${fields.field('password', { label: 'Password', type: 'password', autocomplete: 'current-password' })}
${after}
<button>Sign in</button>
</form>
${hasPasskeys(ctx.services.settings) ? withPasskeys(passkeyForm(PASSKEY, html`${after}<button class="quiet">Sign in with a passkey</button>`)) : ''}
${
  ctx.services.oidc
    ? html`<form method="post" action="/sign-in">${after}<button name="company" value="yes" class="quiet">Sign in with your company</button></form>`
    : ''
}
${code ? html`<form method="post" action="/sign-in">${after}<button name="join" value="yes" class="quiet">Sign up</button></form>` : ''}
<p class="note">Have you just signed up? First open the link in the mail.</p>
<p class="links"><a href="/forgot-password">Forgot your password?</a> ${code ? '' : html`<a href="/sign-up">Sign up</a>`}</p>`;
  },
  async submit(ctx, { email, password, next, code = '', company, passkey, join }, request) {
    if (join !== undefined) {
      const content = await signUpPage.content(ctx, new Fields({ code }), request);
      return { title: signUpPage.title, content };
    }
    const page = OwnPath.safeParse(next).data ?? '/account';
    // Browsers do not send what follows `#`, so the code is in no log.
    const location = isCode(code) ? `${page}#code=${code}` : page;
    if (company !== undefined) {
      const { url, cookie } = await start(ctx, location);
      // The content security policy applies to all redirects of a form, so the page itself leads to the company.
      return {
        title: 'Sign in with your company',
        content: html`<p><a class="button" href="${url}">Continue</a></p>`,
        headers: { refresh: `0;url=${url}` },
        cookies: [cookie],
      };
    }
    const { begun } =
      passkey === undefined
        ? await signIn(ctx, checked(SignIn, { email, password }), request.headers)
        : await signInWithPasskey(ctx, checked(Signed, { passkey }), request.headers);
    return { location, cookies: cookiesOf(ctx, begun) };
  },
};
