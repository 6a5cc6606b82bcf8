import { z } from 'zod';
import type { Context } from '../context.ts';
import { userCodeOf } from '../device/codes.ts';
import { decide, lookUp } from '../device/decide.ts';
import { DeviceDecision } from '../device/schema.ts';
import { type Html, html } from '../html/html.ts';
import { personOf } from '../people/person-of.ts';
import { Problem } from '../problem.ts';
import type { DeviceAuthorization } from '../store/device-authorizations.ts';
import { timeOf } from '../time-of.ts';
import { checked, type Page } from './page.ts';
import { visitorOf } from './visitor.ts';

const { userCode, decision: Decision } = DeviceDecision.shape;

/** Without a decision, the form asks which command shows the code. */
export const devicePage: Page = {
  path: '/device',
  title: 'Sign in on a command line',
  access: 'person:self',
  fields: ['user_code', 'decision'],
  inUrl: ['user_code'],
  returnTo: ({ user_code: code = '' }) => (/^[\w-]{1,64}$/.test(code) ? `/device?user_code=${code}` : '/device'),
  async content(ctx, fields, request) {
    const holder = await visitorOf(ctx, request);
    const code = fields.value('user_code');
    // The person may have opened the link of the command, and may have signed in then.
    const found = holder && code && !fields.isRejected ? await shownBy(ctx, holder.person.id, code) : undefined;
    if (found) return question(ctx, holder!.person.email, userCodeOf(code!) ?? code!, found);
    return html`<p>Enter the code that <code>gatehouse login</code> shows.
${
  holder
    ? html`You are signed in as <strong>${holder.person.email}</strong>.`
    : 'If you are not signed in, the next page asks you to.'
}</p>
<form method="post" action="/device">
${fields.alert}
${fields.field('user_code', { label: 'Code', autocomplete: 'off', hint: 'Such as WDJB-MJHT.' })}
<button>Continue</button>
</form>`;
  },
  async submit(ctx, values) {
    const person = personOf(ctx);
    if (values.decision === undefined) {
      const { user_code: code } = checked(z.object({ user_code: userCode }), values);
      const found = await lookUp(ctx, person.id, code);
      const account = ctx.principal.type === 'person' ? ctx.principal.email : person.id;
      return { title: 'Approve this sign-in?', content: question(ctx, account, userCodeOf(code) ?? code, found) };
    }
    const { user_code: code, decision } = checked(z.object({ user_code: userCode, decision: Decision }), values);
    await decide(ctx, person, { userCode: code, decision });
    return decision === 'approve'
      ? {
          title: 'You are signed in there',
          content: html`<p>Return to the command. <code>gatehouse logout</code> ends the session.</p>`,
        }
      : { title: 'You denied the sign-in', content: html`<p>The command got no access.</p>` };
  },
};

/** Finds the command that shows a code. The form gives the reason when there is none. */
const shownBy = (ctx: Context, person: string, code: string): Promise<DeviceAuthorization | undefined> =>
  lookUp(ctx, person, code).catch((error: unknown) => {
    if (error instanceof Problem) return undefined;
    throw error;
  });

/** Anybody can send a code to a person, so the page shows where it comes from. */
function question({ remote }: Context, account: string, code: string, found: DeviceAuthorization): Html {
  const { name, remote: from, createdAt } = found;
  const same = from === remote ? 'the address of this browser, too' : 'not the address of this browser';
  return html`<dl>
<dt>Code</dt><dd><code>${code}</code></dd>
<dt>Machine</dt><dd>${name} <span class="note">as it calls itself</span></dd>
<dt>Address</dt><dd>${from} <span class="note">${same}</span></dd>
<dt>Time</dt><dd>${timeOf(createdAt)}</dd>
</dl>
<p class="warning">Approve only if you have just run <code>gatehouse login</code> yourself, and it shows this code. The machine can
then do everything that <strong>${account}</strong> may do.</p>
<form method="post" action="/device" class="choice">
<input type="hidden" name="user_code" value="${code}">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="deny" class="quiet">Deny</button>
</form>`;
}
