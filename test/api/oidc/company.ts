import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

interface Claims {
  email?: string;
  email_verified?: boolean;
  name?: string;
}

export const CLIENT = { client_id: 'gatehouse', client_secret: 'a-secret-of-the-client' };

/** How the next ID token differs from a good one. */
interface Tampered {
  /** The key that signs it instead of the provider's one. */
  key?: KeyObject;
  /** Claims that replace others of the same length. */
  claims?: { iat: number };
}

/** Makes a private key for the signature RS256. */
export const signingKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** Signs the ID token in a token response again. The length stays the same, because the header says it already. */
function signedAgain(body: string, key: KeyObject, claims: object): string {
  const response: { id_token: string } = JSON.parse(body);
  const [header = '', payload = ''] = response.id_token.split('.');
  const all = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...claims };
  const signed = `${header}.${Buffer.from(JSON.stringify(all)).toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(signed), key).toString('base64url');
  return JSON.stringify({ ...response, id_token: `${signed}.${signature}` });
}

/** An OpenID Connect provider on a free port, where `user` is always signed in. `inToken`: the ID token has the address. */
export async function company(redirectUri: string, { inToken = false } = {}) {
  const users = new Map<string, Claims>();
  const state: { user: string; tampered?: Tampered } = { user: '' };
  const ownKey = signingKey();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [ownKey.export({ format: 'jwk' })] },
    clients: [{ ...CLIENT, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: !inToken,
    features: { devInteractions: { enabled: false } },
    interactions: { url: () => '/interaction' },
    cookies: { keys: ['a key of the test'] },
    pkce: { required: () => true },
    findAccount: (_: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, ...users.get(accountId) }),
    }),
  });
  const answer = provider.callback();
  server.on('request', async (request, response) => {
    const { tampered } = state;
    if (tampered && request.url === '/token') {
      delete state.tampered;
      const end = response.end.bind(response);
      const { key = ownKey, claims = {} } = tampered;
      response.end = (body: unknown) => end(signedAgain(String(body), key, claims));
    }
    if (!request.url?.startsWith('/interaction')) return answer(request, response);
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: state.user, clientId: params.client_id });
    grant.addOIDCScope('openid email profile');
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(request, response, { login: { accountId: state.user }, consent });
  });

  /** Follows the redirects of a browser from the provider's page until it leaves the provider. */
  async function visit(url: string): Promise<string> {
    const cookies = new Map<string, string>();
    for (let at = url; ; ) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
      await response.text();
      for (const set of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) throw new Error(`the provider answered ${response.status} at ${at}`);
      at = new URL(location, issuer).href;
      if (!at.startsWith(issuer)) return at;
    }
  }

  return {
    issuer,
    visit,
    /** Makes the next visitor this user. */
    signedIn(user: string, claims: Claims): void {
      users.set(user, claims);
      state.user = user;
    },
    /** Makes the next ID token differ from a good one. */
    tampers(how: Tampered): void {
      state.tampered = how;
    },
    close: () => server.close(),
  };
}
