import { expect } from 'vitest';
import type { Harness } from '../harness.ts';

export const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

interface Codes {
  device_code: string;
  user_code: string;
  verification_uri_complete: string;
}

const form = (api: Harness, path: string, fields: Record<string, string>) =>
  api.call('POST', path, undefined, {
    token: null,
    raw: new URLSearchParams({ client_id: 'gatehouse', ...fields }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });

/** Begins to sign in as a command does. */
export async function authorized(api: Harness, fields: Record<string, string> = {}): Promise<Codes> {
  const answer = await form(api, '/v1/auth/device', fields);
  expect(answer.status).toBe(200);
  return answer.body;
}

/** Asks for the session as a command does. */
export const asked = (api: Harness, { device_code }: Pick<Codes, 'device_code'>) =>
  form(api, '/v1/auth/device/token', { grant_type: GRANT, device_code });

/** Decides as the person with a session. */
export const decided = (api: Harness, token: string, userCode: string, decision: 'approve' | 'deny') =>
  api.post('/v1/auth/device/decision', { userCode, decision }, { token });
