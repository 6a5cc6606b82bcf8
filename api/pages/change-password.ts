import { type Html, html } from '../html/html.ts';
import { changePassword } from '../people/password.ts';
import { personOf } from '../people/person-of.ts';
import { PasswordChange } from '../people/schema.ts';
import { Fields } from './form.ts';
import { checked, type Page } from './page.ts';
import { backToAccount, personal } from './personal.ts';
import { provenForm, sendProof } from './proof.ts';

const path = '/change-password';
const PROOF = { name: 'current', label: 'Current password' } as const;

/** Sets a new password of a person who is signed in, whose session continues. */
export const changePasswordPage: Page = {
  path,
  title: 'Change your password',
  access: 'person:self',
  fields: ['current', 'password', 'code', 'send'],
  content: personal(
    path,
    async (
      ctx,
      holder,
      fields,
    ) => html`<p>This sets a new password for <strong>${holder.person.email}</strong>, and ends your other sessions.</p>
${fields.alert}
${provenForm(path, ctx, holder, fields, form(fields), PROOF)}
<p class="links"><a href="/account">Back</a> <a href="/forgot-password">Forgot your password?</a></p>`,
  ),
  async submit(ctx, { current, password, code, send }) {
    if (send !== undefined) return sendProof(ctx, form(new Fields({})));
    const { password: wanted, current: known, ...other } = checked(PasswordChange, { current, password, code });
    await changePassword(ctx, personOf(ctx), wanted, { password: known, ...other });
    return {
      title: 'Your password is changed',
      content: html`<p>Your other sessions have ended. Your <a href="/passkeys">passkeys</a> still sign in to your account.</p>
${backToAccount}`,
    };
  },
};

const form =
  (fields: Fields) =>
  (proof: Html): Html =>
    html`<form method="post" action="${path}">
${proof}
${fields.field('password', { label: 'New password', type: 'password', autocomplete: 'new-password', hint: 'At least 8 characters.' })}
<button>Change the password</button>
</form>`;
