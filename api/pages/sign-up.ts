import { html } from '../html/html.ts';
import { InvitationAccept } from '../invitations/schema.ts';
import { SignUp } from '../people/schema.ts';
import { signUp } from '../people/sign-up.ts';
import { checked, type Page } from './page.ts';
import { alreadySignedIn } from './visitor.ts';

/** `code` is the one of an invitation that waits for the account. */
export const signUpPage: Page = {
  path: '/sign-up',
  title: 'Sign up',
  access: 'public',
  fields: ['email', 'name', 'password', 'code'],
  content: async (ctx, fields, request) => html`${await alreadySignedIn(ctx, request)}
${fields.value('code') ? html`<p>Use the address to which the invitation was sent.</p>` : ''}
<form method="post" action="/sign-up">
${fields.alert}
${fields.field('email', { label: 'E-mail address', type: 'email', autocomplete: 'username' })}
${fields.field('name', { label: 'Name (optional)', autocomplete: 'name', isOptional: true })}
${fields.field('password', { label: 'Password', type: 'password', autocomplete: 'new-password', hint: 'At least 8 characters.' })}
${fields.hidden('code')}
<button>Sign up</button>
</form>
<p class="links"><a href="/sign-in">Sign in instead</a></p>`,
  async submit(ctx, { email, name = '', password, code }) {
    const input = checked(SignUp, { email, name, password });
    await signUp(ctx, input, InvitationAccept.shape.code.safeParse(code).data);
    return {
      title: 'Check your mail',
      content: html`<p>A mail was sent to <strong>${input.email}</strong>. Open the link in it to confirm the address.</p>`,
    };
  },
};
