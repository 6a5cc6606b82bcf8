import { html } from '../html/html.ts';
import { forgotPassword } from '../people/password.ts';
import { EmailOnly } from '../people/schema.ts';
import { checked, type Page } from './page.ts';

export const forgotPasswordPage: Page = {
  path: '/forgot-password',
  title: 'Forgot your password?',
  access: 'public',
  fields: ['email'],
  content: (_, fields) => html`<form method="post" action="/forgot-password">
${fields.alert}
${fields.field('email', { label: 'E-mail address', type: 'email', autocomplete: 'username' })}
<button>Send me a link</button>
</form>
<p class="links"><a href="/sign-in">Back</a></p>`,
  async submit(ctx, { email }) {
    const input = checked(EmailOnly, { email });
    await forgotPassword(ctx, input);
    return {
      title: 'Check your mail',
      content: html`<p>If <strong>${input.email}</strong> has an account, a mail was sent to it. Open the link in it to set a new password.</p>`,
    };
  },
};
