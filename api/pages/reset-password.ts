import { resetPassword } from '../people/password.ts';
import { PasswordReset } from '../people/schema.ts';
import { html } from './html.ts';
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
    await resetPassword(ctx, checked(PasswordReset, { code, password }));
    return {
      title: 'Your password is set',
      content: html`<p>All of your sessions have ended.</p><p><a class="button" href="/sign-in">Sign in</a></p>`,
    };
  },
};
