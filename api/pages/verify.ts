import { html } from '../html/html.ts';
import { InvitationAccept } from '../invitations/schema.ts';
import { cookiesOf } from '../people/people.ts';
import { Verification } from '../people/schema.ts';
import { verify } from '../people/verify.ts';
import { checked, type Page } from './page.ts';

/** `invitation` is the code of the invitation that the person accepts then. */
export const verifyPage: Page = {
  path: '/verify',
  title: 'Confirm your address',
  access: 'public',
  fields: ['code', 'password', 'invitation'],
  content: (_, fields) => html`<p>Enter the password that you chose when you signed up.</p>
<form method="post" action="/verify">
${fields.alert}
${fields.code()}
${fields.field('password', { label: 'Password', type: 'password', autocomplete: 'current-password' })}
<input type="hidden" name="invitation" value="${fields.value('invitation') ?? ''}">
<button>Confirm</button>
</form>`,
  async submit(ctx, { code, password, invitation }, request) {
    const { begun } = await verify(ctx, checked(Verification, { code, password }), request.headers);
    const waiting = InvitationAccept.shape.code.safeParse(invitation).data;
    const location = waiting === undefined ? '/account' : `/invitations#code=${waiting}`;
    return { location, cookies: cookiesOf(ctx, begun) };
  },
};
