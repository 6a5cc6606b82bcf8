import { remove } from '../passkeys/remove.ts';
import { personOf } from '../people/person-of.ts';
import type { Passkey } from '../store/passkeys.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import { backToAccount, personal } from './personal.ts';
import { timeOf } from './time.ts';

/** Lists the passkeys of a person. The form removes one of them. Only a script can add a passkey. */
export const passkeysPage: Page = {
  path: '/passkeys',
  title: 'Passkeys',
  access: 'person:self',
  fields: ['id'],
  content: personal('/passkeys', async (ctx, { person }, fields) => {
    const passkeys = await ctx.store.passkeys.list(person.id);
    return html`${fields.alert}
${passkeys.length > 0 ? html`<ul class="rows">${passkeys.map(row)}</ul>` : html`<p>Your account has no passkeys.</p>`}
${backToAccount}`;
  }),
  async submit(ctx, { id = '' }) {
    await remove(ctx, personOf(ctx), id);
    return { location: '/passkeys' };
  },
};

const row = ({ id, name, createdAt, lastUsedAt }: Passkey): Html => html`
<li><div>${name} <span class="note">added ${timeOf(createdAt)}${lastUsedAt === undefined ? '' : `, used ${timeOf(lastUsedAt)}`}</span></div>
<form method="post" action="/passkeys"><input type="hidden" name="id" value="${id}">
<button class="quiet" aria-label="Remove the passkey ${name}">Remove</button></form></li>
`;
