import { html } from '../html/html.ts';
import { cookiesOf } from '../people/people.ts';
import { Verification } from '../people/schema.ts';
import { verify } from '../people/verify.ts';
import { checked, type Page } from './page.ts';

export const verifyPage: Page = {
  path: '/verify',
  title: 'Confirm your address',
  access: 'public',
  fields: ['code', 'password'],
  content: (_, fields) => html`<p>Enter the password that you chose when you signed up.</p>
<form method="post" action="/verify">
${fields.alert}
${fields.code()}
${fields.field('password', { label: 'Password', type: 'password', autocomplete: 'current-password' })}
<button>Confirm</button>
</form>`,
  async submit(ctx, { code, password }, request) {
    const { begun } = await verify(ctx, checked(Verification, { code, password }), request.headers);
    return { location: '/account', cookies: cookiesOf(ctx, begun) };
  },
};
