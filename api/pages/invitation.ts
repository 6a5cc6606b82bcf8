import { accept } from '../invitations/accept.ts';
import { InvitationAccept } from '../invitations/schema.ts';
import { html } from './html.ts';
import { checked, type Page } from './page.ts';

export const invitationPage: Page = {
  path: '/invitations',
  title: 'Accept an invitation',
  access: 'invitation:accept',
  fields: ['code'],
  content: (_, fields) => html`<p>You need an account with the address to which the invitation was sent.
<a href="/sign-up">Sign up</a> first if you have none, and then open the link again.</p>
<form method="post" action="/invitations">
${fields.alert}
${fields.code()}
<button>Accept</button>
</form>`,
  async submit(ctx, { code }) {
    const { tenant, role } = await accept(ctx, checked(InvitationAccept, { code }));
    return {
      title: 'You are a member',
      content: html`<p>You are now a member of the tenant <strong>${tenant}</strong>, as ${role}.</p>`,
    };
  },
};
