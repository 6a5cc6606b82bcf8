import type { Context } from '../context.ts';
import { type Html, html } from '../html/html.ts';
import { personOf } from '../people/person-of.ts';
import { provesBySession, sendProofCode } from '../people/proof.ts';
import type { SessionHolder } from '../store/person-sessions.ts';
import { Fields } from './form.ts';
import type { Outcome } from './page.ts';

/** Makes a form around the field for the proof. */
type Form = (proof: Html) => Html;

/** The field for the password that proves who sends a form. */
interface ProofField {
  name: string;
  label: string;
}

/** Shows a form that needs the password, or a code that a second form sends by mail. */
export function provenForm(
  path: string,
  { now }: Context,
  { session }: SessionHolder,
  fields: Fields,
  form: Form,
  { name, label }: ProofField = { name: 'password', label: 'Password' },
): Html {
  if (provesBySession(session, now)) return form(html``);
  if (fields.value('code') !== undefined) return form(fields.code());
  return html`${form(fields.field(name, { label, type: 'password', autocomplete: 'current-password' }))}
<form method="post" action="${path}">
<p>If the account has no password, a code from a mail takes its place.</p>
<button name="send" value="code" class="quiet">Send me a code</button>
</form>`;
}

/** Sends a code, and shows the form with the field for it. */
export async function sendProof(ctx: Context, form: Form): Promise<Outcome> {
  const sentTo = await sendProofCode(ctx, personOf(ctx).id);
  return {
    title: 'Check your mail',
    content: html`<p>A mail with a code was sent to <strong>${sentTo}</strong>.</p>${form(new Fields({}).code())}`,
  };
}
