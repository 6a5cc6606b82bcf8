import { html } from '../html/html.ts';
import { confirmEmail } from '../people/change-email.ts';
import { personOf } from '../people/person-of.ts';
import { EmailConfirmation } from '../people/schema.ts';
import { checked, type Page } from './page.ts';

export const confirmEmailPage: Page = {
  path: '/confirm-email',
  title: 'Confirm your new address',
  access: 'person:self',
  fields: ['code'],
  content: (_, fields) => html`<p>Your account then has the address to which the mail was sent.</p>
<form method="post" action="/confirm-email">
${fields.alert}
${fields.code()}
<button>Confirm</button>
</form>`,
  async submit(ctx, { code }) {
    await confirmEmail(ctx, personOf(ctx), checked(EmailConfirmation, { code }));
    return { title: 'Your address is confirmed', content: html`<p>Use it when you sign in next time.</p>` };
  },
};
