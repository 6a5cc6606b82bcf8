import ipaddr from 'ipaddr.js';
import { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';

/** The site that passkeys belong to, and the origins of its pages. */
interface RelyingParty {
  /** The domain for which browsers keep the passkeys. */
  id: string;
  origins: string[];
}

/** Whether this API can have passkeys. Browsers keep none for IP addresses. */
export function hasPasskeys({ publicUrl }: Pick<Settings, 'publicUrl'>): boolean {
  const { hostname } = new URL(publicUrl);
  return !ipaddr.isValid(hostname.replace(/^\[|\]$/g, ''));
}

/**
 * Returns the site of this API. Its pages are those that may use sessions. The URL of a request does not count here:
 * the caller chooses its host, and a browser would let a page of any subdomain use the passkeys.
 *
 * @throws Problem `not-found` when the public URL has an IP address, for which no browser keeps passkeys
 */
export function relyingParty({ publicUrl, corsOrigins }: Pick<Settings, 'publicUrl' | 'corsOrigins'>): RelyingParty {
  const { hostname } = new URL(publicUrl);
  if (!hasPasskeys({ publicUrl }))
    throw new Problem('not-found', { detail: 'passkeys need a GATEHOUSE_PUBLIC_URL with a host name' });
  return { id: hostname, origins: [publicUrl, ...corsOrigins.filter((origin) => origin !== '*')] };
}
