import type { Configuration, CustomFetch } from 'openid-client';
import { VERSION } from '../../dataplane/version.ts';
import { whyUnreachable } from '../../wire/why-unreachable.ts';
import { Failure } from '../process/failure.ts';

/** What the user must do before the sign-in completes. */
interface Prompt {
  code: string;
  /** The page with the code. */
  page: string;
  minutes: number;
}

/**
 * Signs a person in by device authorization (RFC 8628): the person approves on a web page.
 *
 * @param name the name of this machine, which the page and the list of sessions show
 * @param show shows the person the page and the code
 * @returns the token of the session, and when it expires
 * @throws Failure when the person denies, nobody approves in time, or the API cannot be reached
 */
export async function signIn(
  url: string,
  name: string,
  show: (prompt: Prompt) => void,
): Promise<{ token: string; expiresAt: Date }> {
  const client = await import('openid-client');
  const endpoints = { device_authorization_endpoint: '/v1/auth/device', token_endpoint: '/v1/auth/device/token' };
  const server = Object.fromEntries(Object.entries(endpoints).map(([member, path]) => [member, `${url}${path}`]));
  const config: Configuration = new client.Configuration(
    { issuer: url, ...server },
    'gatehouse',
    undefined,
    client.None(),
  );
  if (url.startsWith('http:')) client.allowInsecureRequests(config);
  config[client.customFetch] = request;
  try {
    const begun = await client.initiateDeviceAuthorization(config, { device_name: name });
    // An address of the API must not control the terminal, so it is parsed.
    const page = new URL(begun.verification_uri_complete ?? begun.verification_uri).href;
    const code = begun.user_code.replaceAll(/[^A-Z-]/g, '');
    show({ code, page, minutes: Math.round(begun.expires_in / 60) });
    config[client.customFetch] = patient;
    const { access_token: token, expires_in = 0 } = await client.pollDeviceAuthorizationGrant(config, begun);
    return { token, expiresAt: new Date(Date.now() + expires_in * 1000) };
  } catch (error) {
    throw new Failure(reasonOf(url, error));
  }
}

const request: CustomFetch = (url, { body, ...options }) =>
  fetch(url, {
    ...options,
    ...(body !== undefined && body !== null && { body }),
    headers: { ...options.headers, 'user-agent': `gatehouse/${VERSION}` },
  });

/** Waits for an API that is away while the person decides. The client repeats a request that gets this response. */
const patient: CustomFetch = async (url, options) => {
  const response = await request(url, options).catch(() => undefined);
  if (response !== undefined && response.status < 500) return response;
  return new Response(null, { status: 503, headers: { 'retry-after': '5' } });
};

function reasonOf(url: string, thrown: unknown): string {
  const { error, error_description: description, cause } = thrown as Record<string, unknown>;
  if (error === 'access_denied') return 'The sign-in was denied.';
  if (error === 'expired_token' || (cause as Error | undefined)?.name === 'TimeoutError')
    return 'Nobody approved the sign-in in time. Run `gatehouse login` again.';
  // The client gives the response that has another form than an answer of the API.
  if (cause instanceof Response)
    return `There is no API of Gatehouse at ${url}: the answer was ${cause.status} ${typeOf(cause)}. Check the address and its port.`;
  const failed = cause instanceof Error ? whyUnreachable(cause) : String(thrown);
  const reason = typeof description === 'string' ? description : failed;
  return `The API at ${url} did not sign you in: ${reason.replaceAll(/[^ -~]/g, '?')}.`;
}

const typeOf = ({ headers }: Response): string =>
  (headers.get('content-type') ?? 'without content').replaceAll(/[^ -~]/g, '?').slice(0, 100);
