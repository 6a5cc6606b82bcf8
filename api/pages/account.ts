import type { Context } from '../context.ts';
import { defaultHost } from '../domains/platform.ts';
import { sentence } from '../html/errors.ts';
import { type Html, html } from '../html/html.ts';
import { memberships } from '../members/memberships.ts';
import { addressOf } from '../onboarding/platform-domain.ts';
import { NO_COOKIE } from '../people/people.ts';
import { signOut } from '../people/sessions.ts';
import type { Settings } from '../settings.ts';
import type { OwnMembership } from '../store/own-memberships.ts';
import { whyClosed } from '../tenants/why-closed.ts';
import { tenantForm } from './create-tenant.ts';
import { Fields } from './form.ts';
import type { Page } from './page.ts';
import { personal } from './personal.ts';

/** Shows who is signed in, and the tenants of this person. Its form signs out. */
export const accountPage: Page = {
  path: '/account',
  title: 'Your account',
  access: 'person:self',
  fields: [],
  content: personal('/account', async (ctx, { person }) => {
    const { id, email, name } = person;
    const tenants = await memberships(ctx, id);
    return html`<p>You are signed in as <strong>${email}</strong>${name === '' ? '' : ` (${name})`}.</p>
${
  tenants.length === 0
    ? html`<h2>Create a tenant</h2>
<p>You are a member of no tenant yet. If somebody invited you to one, open the link in that mail instead.</p>
${tenantForm(new Fields({}))}
<h2>More</h2>`
    : html`<h2>Your tenants</h2>
<ul class="rows">${tenants.map((each) => row(ctx, each))}</ul>
${ctx.services.settings.platformDomain === undefined ? '' : html`<p class="note">The host of a tenant answers once it has a route. The request <code>POST /v1/tenants/{tenant}/quickstart</code> writes one.</p>`}`
}
<ul>
${tenants.length === 0 ? '' : html`<li><a href="/create-tenant">Create a tenant</a></li>`}
<li><a href="/device">Approve a sign-in on a command line</a></li>
<li><a href="/sessions">Sessions</a></li>
<li><a href="/passkeys">Passkeys</a></li>
<li><a href="/change-password">Change the password</a></li>
<li><a href="/change-email">Change the address</a></li>
<li><a href="/docs">Documentation of the API</a></li>
<li><a href="/delete-account">Delete the account</a></li>
</ul>
<form method="post" action="/account"><button class="quiet">Sign out</button></form>`;
  }),
  async submit(ctx, _, request) {
    const holder = await ctx.services.people.require(request);
    await signOut(ctx, holder);
    return { location: '/sign-in', headers: NO_COOKIE };
  },
};

/** A tenant, with the link to its host on the domain of the platform, or the reason why its hosts answer 503. */
const row = ({ services: { settings } }: Context, membership: OwnMembership): Html => html`
<li><div><strong>${membership.tenant}</strong>, as ${membership.role} ${stateOf(settings, membership)}</div></li>
`;

function stateOf(settings: Settings, membership: OwnMembership): Html {
  const why = whyClosed(settings, membership);
  if (why !== undefined) return html`<span class="note"><span class="error">${sentence(why)}</span></span>`;
  const { platformDomain, platformPort: port } = settings;
  if (platformDomain === undefined) return html``;
  const address = addressOf(defaultHost(membership.tenant, platformDomain), { port });
  return html`<span class="note"><a href="${address}">${address}</a></span>`;
}
