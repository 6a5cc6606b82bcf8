import { WrongSetting } from '../../wire/wrong-setting.ts';
import { isServiceUrl } from '../settings/variable.ts';
import type { Settings } from '../settings.ts';
import { textOf } from './sender.ts';
import { type Envelope, Refused, type Transport } from './transport.ts';

/** The time for one request, in milliseconds. */
const TIMEOUT_MS = 20_000;
/** The statuses that say that this message is wrong. Others may have causes that an operator can mend. */
const REFUSALS = [400, 413, 422];

/**
 * Sends each message as JSON to a URL, signed as Standard Webhooks require: https://www.standardwebhooks.com
 * It follows no redirect, because the message may contain a secret link and the target of a redirect is not configured.
 *
 * @throws WrongSetting
 */
export function webhook({ mail = '', mailSecret }: Settings): Transport {
  if (!isServiceUrl(mail, ['https', 'http']))
    throw new WrongSetting('GATEHOUSE_MAIL: the URL of a webhook must have no user, password or fragment');
  const secret = webhookSecret(mailSecret, 'GATEHOUSE_MAIL_SECRET');
  return { server: new URL(mail).host, send: (envelope) => post(mail, secret, envelope) };
}

/**
 * Reads the secret with which requests to a webhook are signed.
 *
 * @param setting the name of the variable that contains it
 * @throws WrongSetting
 */
export function webhookSecret(text: string | undefined, setting: string): Uint8Array<ArrayBuffer> {
  try {
    const bytes = Uint8Array.fromBase64((text ?? '').replace(/^whsec_/, ''));
    if (bytes.length >= 24 && bytes.length <= 64) return bytes;
  } catch {
    // The text is not base64. The error below says what is right.
  }
  throw new WrongSetting(
    `${setting} must be set for a webhook, to whsec_ and the base64 of 24 to 64 bytes, for example the output of \`echo whsec_$(openssl rand -base64 32)\``,
  );
}

async function post(url: string, secret: Uint8Array<ArrayBuffer>, { id, from, ...message }: Envelope): Promise<void> {
  const body = JSON.stringify({
    id,
    from: textOf(from),
    ...message,
    createdAt: new Date(message.createdAt).toISOString(),
  });
  const response = await fetch(url, {
    method: 'POST',
    headers: await signedHeaders(secret, id, body),
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  // The body is not read: it is of no use, and could be endless.
  await response.body?.cancel();
  if (response.ok) return;
  const answered = `the webhook answered ${response.status}`;
  throw REFUSALS.includes(response.status) ? new Refused(answered) : new Error(answered);
}

/** Makes the headers of a signed request to a webhook. @param id the same for each repetition of the request */
export async function signedHeaders(
  secret: Uint8Array<ArrayBuffer>,
  id: string,
  body: string,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signed = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${id}.${timestamp}.${body}`));
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${new Uint8Array(signed).toBase64()}`,
  };
}
