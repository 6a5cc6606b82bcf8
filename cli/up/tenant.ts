import { accepted, connectTo, type Remote } from '../remote/client.ts';
import { saveCredentials, writeSecret } from './credentials.ts';
import { apiUrl, type Installation } from './installation.ts';
import { PLATFORM_DOMAIN } from './platform.ts';

export const TENANT = 'demo';
/** The host that the platform gives to the demo tenant. */
export const HOST = `${TENANT}.${PLATFORM_DOMAIN}`;

/**
 * Creates the demo tenant and a token that may read and write its configuration, unless an earlier start did.
 *
 * @returns a client with that token
 */
export async function prepareTenant(operator: Remote, installation: Installation): Promise<Remote> {
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
  const profile = { url: apiUrl(installation), token };
  writeSecret(folder.profile, `${JSON.stringify(profile, null, 2)}\n`);
  return connectTo(profile);
}

/**
 * Whether the API accepts the token. It may have been revoked, or the tenant may have been deleted and created again.
 */
async function works(installation: Installation, token: string): Promise<boolean> {
  const { response } = await connectTo({ url: apiUrl(installation), token }).GET('/v1/tenants/{tenant}', {
    params: { path: { tenant: TENANT } },
  });
  return response.ok;
}
