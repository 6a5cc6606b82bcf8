import { signedHeaders, webhookSecret } from '../mail/webhook.ts';
import type { Settings } from '../settings.ts';
import { AttemptFailed } from './problem.ts';

/** How long the webhook may take to publish a record, in milliseconds. */
const TIMEOUT = 60_000;

/** The TXT record that answers a challenge. */
interface DnsRecord {
  /** `_acme-challenge.shop.example.com` */
  name: string;
  value: string;
}

/** Returns the record that proves a name (RFC 8555 §8.4). @param keyAuthorization the token and the key of the account */
export async function recordOf(name: string, keyAuthorization: string): Promise<DnsRecord> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(keyAuthorization));
  const value = new Uint8Array(digest).toBase64({ alphabet: 'base64url', omitPadding: true });
  return { name: `_acme-challenge.${name.replace(/^\*\./, '')}`, value };
}

/**
 * Asks the operator's webhook to add a record, or to remove it. It must answer once the name servers have the record.
 *
 * @throws AttemptFailed in words for the status of the name, if it does not answer 2xx
 */
export async function changeRecord(
  { acmeDnsWebhook = '', acmeDnsSecret }: Settings,
  action: 'add' | 'remove',
  record: DnsRecord,
): Promise<void> {
  const secret = webhookSecret(acmeDnsSecret, 'GATEHOUSE_ACME_DNS_SECRET');
  const body = JSON.stringify({ action, type: 'TXT', ...record });
  const response = await fetch(acmeDnsWebhook, {
    method: 'POST',
    headers: await signedHeaders(secret, crypto.randomUUID(), body),
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT),
  }).catch(() => undefined);
  await response?.body?.cancel();
  if (!response?.ok)
    throw new AttemptFailed(`the DNS webhook ${response ? `answered ${response.status}` : 'does not answer'}`);
}
