import { z } from 'zod';
import { type Html, html } from '../html/html.ts';
import { add } from '../passkeys/add.ts';
import { remove } from '../passkeys/remove.ts';
import { PasskeyAdd } from '../passkeys/schema.ts';
import { personOf } from '../people/person-of.ts';
import type { Passkey } from '../store/passkeys.ts';
import { timeOf } from '../time-of.ts';
import { hasPasskeys } from '../webauthn/relying-party.ts';
import { Fields } from './form.ts';
import { checked, jsonOf, type Page } from './page.ts';
import { passkeyForm, withPasskeys } from './passkey-form.ts';
import { backToAccount, personal } from './personal.ts';
import { provenForm, sendProof } from './proof.ts';

const path = '/passkeys';
const { name: Name, passkey: Registration } = PasskeyAdd.shape;
const Added = z.object({ name: Name, passkey: jsonOf(Registration) });

/** Lists the passkeys of a person. The forms add one and remove one. */
export const passkeysPage: Page = {
  path,
  title: 'Passkeys',
  access: 'person:self',
  fields: ['id', 'name', 'passkey', 'send'],
  content: personal(path, async (ctx, holder, fields) => {
    const passkeys = await ctx.store.passkeys.list(holder.person.id);
    return html`${fields.alert}
${passkeys.length > 0 ? html`<ul class="rows">${passkeys.map(row)}</ul>` : html`<p>Your account has no passkeys.</p>`}
<h2>Add a passkey</h2>
${
  hasPasskeys(ctx.services.settings)
    ? withPasskeys(provenForm(path, ctx, holder, fields, adding(fields)))
    : html`<p class="note">This platform can have no passkeys, because its URL has no host name.</p>`
}
${backToAccount}`;
  }),
  async submit(ctx, { id, name, passkey, send }) {
    if (send !== undefined) return sendProof(ctx, (proof) => withPasskeys(adding(new Fields({}))(proof)));
    if (id === undefined) await add(ctx, personOf(ctx), checked(Added, { name: name || undefined, passkey }));
    else await remove(ctx, personOf(ctx), id);
    return { location: path };
  },
};

const adding =
  (fields: Fields) =>
  (proof: Html): Html =>
    passkeyForm(
      { path, kind: 'create', options: '/v1/auth/passkeys/options' },
      html`${fields.field('name', { label: 'Name (optional)', autocomplete: 'off', hint: 'By which you recognize it, such as Laptop.', isOptional: true })}
${proof}
<button>Add a passkey</button>`,
    );

const row = ({ id, name, createdAt, lastUsedAt }: Passkey): Html => html`
<li><div>${name} <span class="note">added ${timeOf(createdAt)}${lastUsedAt === undefined ? '' : `, used ${timeOf(lastUsedAt)}`}</span></div>
<form method="post" action="${path}"><input type="hidden" name="id" value="${id}">
<button class="quiet" aria-label="Remove the passkey ${name}">Remove</button></form></li>
`;
