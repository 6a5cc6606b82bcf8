import { type Html, html } from '../html/html.ts';
import { changeEmail } from '../people/change-email.ts';
import { personOf } from '../people/person-of.ts';
import { EmailChange } from '../people/schema.ts';
import { Fields } from './form.ts';
import { checked, type Page } from './page.ts';
import { backToAccount, personal } from './personal.ts';
import { provenForm, sendProof } from './proof.ts';

const path = '/change-email';

export const changeEmailPage: Page = {
  path,
  title: 'Change your address',
  access: 'person:self',
  fields: ['email', 'password', 'code', 'send'],
  content: personal(
    path,
    async (ctx, holder, fields) => html`<p>Your account has the address <strong>${holder.person.email}</strong>.</p>
${fields.alert}
${provenForm(path, ctx, holder, fields, form(fields))}
${backToAccount}`,
  ),
  async submit(ctx, { email, password, code, send }) {
    if (send !== undefined) return sendProof(ctx, form(new Fields({})));
    const { email: wanted, ...proof } = checked(EmailChange, { email, password, code });
    await changeEmail(ctx, personOf(ctx), wanted, proof);
    return {
      title: 'Check your mail',
      content: html`<p>A mail was sent to <strong>${wanted}</strong>. Open the link in it to confirm the address.</p>`,
    };
  },
};

const form =
  (fields: Fields) =>
  (proof: Html): Html =>
    html`<form method="post" action="${path}">
${fields.field('email', { label: 'New e-mail address', type: 'email', autocomplete: 'email' })}
${proof}
<button>Change the address</button>
</form>`;
