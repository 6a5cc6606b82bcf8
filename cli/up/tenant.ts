import { accepted, type Control, control } from '../remote/client.ts';
import { saveCredentials, writeSecret } from './credentials.ts';
import { apiUrl, type Installation } from './installation.ts';

export const TENANT = 'demo';

/** Makes the demo tenant and a token that may read and write its configuration; both are kept for the next start. */
export async function prepareTenant(operator: Control, installation: Installation): Promise<Control> {
  const { folder, credentials } = installation;
  const path = { tenant: TENANT };
  const found = await operator.GET('/v1/tenants/{tenant}', { params: { path } });
  if (found.response.status === 404) {
    const body = { name: TENANT, displayName: 'Bookinfo demo' };
    accepted('Making the demo tenant', await operator.POST('/v1/tenants', { body }));
  } else {
    accepted('Reading the demo tenant', found);
  }
  let token = credentials.tenantToken;
  if (!token || !(await works(installation, token))) {
    const made = await operator.POST('/v1/tenants/{tenant}/tokens', {
      params: { path },
      body: { description: 'gatehouse up', scopes: ['write'] },
    });
    token = accepted('Making a token', made).token;
    credentials.tenantToken = token;
    saveCredentials(folder.secrets, credentials);
  }
  writeSecret(folder.token, `${token}\n`);
  return control(apiUrl(installation), token);
}

/** It may have been revoked, or the tenant removed and made anew. */
async function works(installation: Installation, token: string): Promise<boolean> {
  const { response } = await control(apiUrl(installation), token).GET('/v1/tenants/{tenant}', {
    params: { path: { tenant: TENANT } },
  });
  return response.ok;
}
