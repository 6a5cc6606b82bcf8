import { type Html, html } from '../html/html.ts';
import { resetPassword } from '../people/password.ts';
import { PasswordReset } from '../people/schema.ts';
import type { Passkey } from '../store/passkeys.ts';
import { timeOf } from '../time-of.ts';
import { checked, type Page } from './page.ts';

export const resetPasswordPage: Page = {
  path: '/reset-password',
  title: 'Set a new password',
  access: 'public',
  fields: ['code', 'password'],
  content: (_, fields) => html`<form method="post" action="/reset-password">
${fields.alert}
${fields.code()}
${fields.field('password', { label: 'New password', type: 'password', autocomplete: 'new-password', hint: 'At least 8 characters.' })}
<button>Set the password</button>
</form>`,
  async submit(ctx, { code, password }) {
    const passkeys = await resetPassword(ctx, checked(PasswordReset, { code, password }));
    return {
      title: 'Your password is set',
      content: html`<p>All of your sessions have ended.</p>
${passkeys.length > 0 ? stillValid(passkeys) : ''}
<p><a class="button" href="/sign-in">Sign in</a></p>`,
    };
  },
};

/** A stranger who knew the former password may have added a passkey. */
const stillValid = (passkeys: readonly Passkey[]): Html => html`<p>These passkeys still sign in to your account:</p>
<ul>${passkeys.map(({ name, createdAt }) => html`<li>${name} <span class="note">added ${timeOf(createdAt)}</span></li>`)}</ul>
<p class="warning">Sign in, and <a href="/sign-in?next=/passkeys">remove those that are not yours</a>.</p>`;
