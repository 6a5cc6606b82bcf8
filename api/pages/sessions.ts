import { type Html, html } from '../html/html.ts';
import { endOtherSessions, endSession, listSessions } from '../people/sessions.ts';
import type { PersonSession } from '../store/person-sessions.ts';
import { timeOf } from '../time-of.ts';
import type { Page } from './page.ts';
import { backToAccount, personal } from './personal.ts';
import { programOf } from './program.ts';

/** Lists the sessions of a person. The form ends one of them, or all others. */
export const sessionsPage: Page = {
  path: '/sessions',
  title: 'Sessions',
  access: 'person:self',
  fields: ['id'],
  content: personal('/sessions', async (ctx, holder, fields) => {
    const sessions = await listSessions(ctx, holder);
    return html`${fields.alert}
<ul class="rows">
${sessions.map((each) => row(each, holder.session.id))}
</ul>
${sessions.length > 1 ? html`<form method="post" action="/sessions"><button>End all others</button></form>` : ''}
${backToAccount}`;
  }),
  async submit(ctx, { id }, request) {
    const holder = await ctx.services.people.require(request);
    await (id === undefined ? endOtherSessions(ctx, holder) : endSession(ctx, holder, id));
    return { location: '/sessions' };
  },
};

function row({ id, name, userAgent, remote, createdAt }: PersonSession, current: string): Html {
  const what = name ?? programOf(userAgent);
  const end = html`<form method="post" action="/sessions"><input type="hidden" name="id" value="${id}">
<button class="quiet" aria-label="End the session of ${what}">End</button></form>`;
  return html`<li><div>${what} <span class="note">${remote}, since ${timeOf(createdAt)}</span></div>
${id === current ? html`<span class="note">this one</span>` : end}</li>
`;
}
