import { deleteAccount } from '../people/delete-account.ts';
import { cookieOf } from '../people/people.ts';
import { personOf } from '../people/person-of.ts';
import { sendProofCode } from '../people/proof.ts';
import { ProofOnly } from '../people/schema.ts';
import { Fields } from './form.ts';
import { type Html, html } from './html.ts';
import { checked, type Page } from './page.ts';
import { backToAccount, personal } from './personal.ts';

/** The form needs the password, or a code that the other form sends by mail. */
export const deleteAccountPage: Page = {
  path: '/delete-account',
  title: 'Delete your account',
  access: 'person:self',
  fields: ['password', 'code', 'send'],
  content: personal('/delete-account', async (_, { person }, fields) => {
    return html`<p>This deletes the account of <strong>${person.email}</strong>. Your memberships and sessions end, and your tokens permit nothing any more. Nobody can undo this.</p>
${fields.value('code') === undefined ? withPassword(fields) : withCode(fields)}
${backToAccount}`;
  }),
  async submit(ctx, { password, code, send }) {
    const who = personOf(ctx);
    if (send !== undefined) {
      const sentTo = await sendProofCode(ctx, who.id);
      return {
        title: 'Check your mail',
        content: html`<p>A mail with a code was sent to <strong>${sentTo}</strong>.</p>${withCode(new Fields({}))}`,
      };
    }
    await deleteAccount(ctx, who, checked(ProofOnly, { password, code }));
    return { title: 'Your account is deleted', content: html`<p>Goodbye.</p>`, headers: cookieOf('', 0) };
  },
};

const withPassword = (fields: Fields): Html => html`<form method="post" action="/delete-account">
${fields.alert}
${fields.field('password', { label: 'Password', type: 'password', autocomplete: 'current-password' })}
<button class="danger">Delete the account</button>
</form>
<form method="post" action="/delete-account">
<p>If the account has no password, a code from a mail takes its place.</p>
<button name="send" value="code" class="quiet">Send me a code</button>
</form>`;

const withCode = (fields: Fields): Html => html`<form method="post" action="/delete-account">
${fields.alert}
${fields.code()}
<button class="danger">Delete the account</button>
</form>`;
