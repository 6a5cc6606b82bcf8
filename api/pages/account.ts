import type { Context } from '../context.ts';
import { defaultHost } from '../domains/platform.ts';
import { type Html, html } from '../html/html.ts';
import { addressOf, platformDomain } from '../onboarding/platform-domain.ts';
import { NO_COOKIE } from '../people/people.ts';
import { signOut } from '../people/sessions.ts';
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
    const { memberships } = await ctx.services.grants.of(id, ctx.now);
    const tenants = [...memberships].sort(([a], [b]) => (a < b ? -1 : 1));
    return html`<p>You are signed in as <strong>${email}</strong>${name === '' ? '' : ` (${name})`}.</p>
${
  tenants.length === 0
    ? html`<p>You are a member of no tenant yet. <a href="/create-tenant">Create one</a>, or open the link in the mail with which
you were invited to one, also once more.</p>`
    : html`<p>Your tenants:</p>
<ul>${tenants.map(([tenant, role]) => html`<li><strong>${tenant}</strong>, as ${role}${hostOf(ctx, tenant)}</li>`)}</ul>
<p><a href="/create-tenant">Create a tenant</a></p>`
}
<ul>
<li><a href="/device">Approve a sign-in on a command line</a></li>
<li><a href="/sessions">Sessions</a></li>
<li><a href="/passkeys">Passkeys</a></li>
<li><a href="/forgot-password">Set a new password with a link from a mail</a></li>
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

/** Shows the address of a tenant on the domain of the platform, if the platform has one. */
function hostOf({ services: { settings } }: Context, tenant: string): Html {
  if (settings.platformDomain === undefined) return html``;
  const platform = platformDomain(settings);
  return html`, with the address <code>${addressOf(defaultHost(tenant, platform.domain), platform)}</code>`;
}
