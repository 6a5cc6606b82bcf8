import { deleteAccount } from '../people/delete-account.ts';
import { cookieOf } from '../people/people.ts';
import { personOf } from '../people/person-of.ts';
import { AccountDeletion } from '../people/schema.ts';
import { html } from './html.ts';
import { checked, type Page } from './page.ts';

export const deleteAccountPage: Page = {
  path: '/delete-account',
  title: 'Delete your account',
  access: 'person:self',
  fields: ['password'],
  content: (
    _,
    fields,
  ) => html`<p>Your memberships and sessions end, and your tokens permit nothing any more. Nobody can undo this.</p>
<form method="post" action="/delete-account">
${fields.alert}
${fields.field('password', { label: 'Password', type: 'password', autocomplete: 'current-password' })}
<button>Delete the account</button>
</form>
<p class="links"><a href="/account">Back</a></p>`,
  async submit(ctx, { password }) {
    await deleteAccount(ctx, personOf(ctx).id, checked(AccountDeletion, { password }));
    return { title: 'Your account is deleted', content: html`<p>Goodbye.</p>`, headers: cookieOf('', 0) };
  },
};
