import { html } from '../html/html.ts';
import { accept } from '../invitations/accept.ts';
import { InvitationAccept } from '../invitations/schema.ts';
import { checked, type Page } from './page.ts';
import { visitorOf } from './visitor.ts';

export const invitationPage: Page = {
  path: '/invitations',
  title: 'Accept an invitation',
  access: 'invitation:accept',
  fields: ['code'],
  async content(ctx, fields, request) {
    const holder = await visitorOf(ctx, request);
    const needed = holder
      ? html`<p>You are signed in as <strong>${holder.person.email}</strong>. The invitation must be for this address.</p>`
      : html`<p>You accept with the account of the address to which the invitation was sent. If you are not signed in, the
next page asks you to sign in, or to sign up if you have no account.</p>`;
    return html`${needed}
<form method="post" action="/invitations">
${fields.alert}
${fields.code()}
<button>Accept</button>
</form>`;
  },
  async submit(ctx, { code }) {
    const { tenant, role } = await accept(ctx, checked(InvitationAccept, { code }));
    return {
      title: 'You are a member',
      content: html`<p>You are now a member of the tenant <strong>${tenant}</strong>, as ${role}.</p>
<p><a class="button" href="/account">Your account</a></p>`,
    };
  },
};
