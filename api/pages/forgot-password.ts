import { html } from '../html/html.ts';
import { forgotPassword } from '../people/password.ts';
import { EmailOnly } from '../people/schema.ts';
import { Fields } from './form.ts';
import { checked, type Page } from './page.ts';
import { visitorOf } from './visitor.ts';

export const forgotPasswordPage: Page = {
  path: '/forgot-password',
  title: 'Forgot your password?',
  access: 'public',
  fields: ['email'],
  content: async (ctx, given, request) => {
    const holder = given.value('email') === undefined ? await visitorOf(ctx, request) : undefined;
    const fields = holder ? new Fields({ email: holder.person.email }) : given;
    return html`<form method="post" action="/forgot-password">
${given.alert}
${fields.field('email', { label: 'E-mail address', type: 'email', autocomplete: 'username' })}
<button>Send me a link</button>
</form>
<p class="links"><a href="${holder ? '/account' : '/sign-in'}">Back</a></p>`;
  },
  async submit(ctx, { email }) {
    const input = checked(EmailOnly, { email });
    await forgotPassword(ctx, input);
    return {
      title: 'Check your mail',
      content: html`<p>If <strong>${input.email}</strong> has an account, a mail was sent to it. Open the link in it to set a new password.</p>`,
    };
  },
};
