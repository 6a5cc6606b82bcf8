import { type Html, html } from '../html/html.ts';
import { deleteAccount } from '../people/delete-account.ts';
import { NO_COOKIE } from '../people/people.ts';
import { personOf } from '../people/person-of.ts';
import { ProofOnly } from '../people/schema.ts';
import { checked, type Page } from './page.ts';
import { backToAccount, personal } from './personal.ts';
import { provenForm, sendProof } from './proof.ts';

const path = '/delete-account';

export const deleteAccountPage: Page = {
  path,
  title: 'Delete your account',
  access: 'person:self',
  fields: ['password', 'code', 'send'],
  content: personal(path, async (ctx, holder, fields) => {
    return html`<p>This deletes the account of <strong>${holder.person.email}</strong>. Your memberships and sessions end, and your tokens permit nothing any more. Nobody can undo this.</p>
${fields.alert}
${provenForm(path, ctx, holder, fields, form)}
${backToAccount}`;
  }),
  async submit(ctx, { password, code, send }) {
    if (send !== undefined) return sendProof(ctx, form);
    await deleteAccount(ctx, personOf(ctx), checked(ProofOnly, { password, code }));
    return { title: 'Your account is deleted', content: html`<p>Goodbye.</p>`, headers: NO_COOKIE };
  },
};

const form = (proof: Html): Html => html`<form method="post" action="${path}">
${proof}
<button class="danger">Delete the account</button>
</form>`;
