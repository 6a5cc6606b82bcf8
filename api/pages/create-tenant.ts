import { type Html, html } from '../html/html.ts';
import { create } from '../tenants/create.ts';
import { TenantCreate } from '../tenants/schema.ts';
import type { Fields } from './form.ts';
import { checked, type Page } from './page.ts';
import { backToAccount, personal } from './personal.ts';

const path = '/create-tenant';

export const createTenantPage: Page = {
  path,
  title: 'Create a tenant',
  access: 'tenant:create',
  fields: ['name'],
  content: personal(
    path,
    async (_, __, fields) => html`${tenantForm(fields)}
${backToAccount}`,
  ),
  async submit(ctx, { name }) {
    const tenant = await create(ctx, checked(TenantCreate, { name }), () => ({ status: 201 }));
    return {
      title: 'The tenant is created',
      content: html`<p>You are the owner of the tenant <strong>${tenant.name}</strong>.</p>
<p>Its configuration is written through the API. <code>npx gatehouse login</code> signs you in on a command line, and
<code>POST /v1/tenants/${tenant.name}/tokens</code> creates a token for programs.</p>
<p><a class="button" href="/account">Your account</a></p>`,
    };
  },
};

/** The form of the page, which the account of a person without a tenant shows too. */
export const tenantForm = (fields: Fields): Html => html`<form method="post" action="${path}">
${fields.alert}
${fields.field('name', { label: 'Name', autocomplete: 'off', hint: 'Lower-case letters, digits and hyphens. A tenant keeps its name.' })}
<button>Create the tenant</button>
</form>`;
