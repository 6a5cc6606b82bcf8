import { WrongSetting } from '../../wire/wrong-setting.ts';
import type { Settings } from '../settings.ts';
import { senderOf } from './sender.ts';
import type { Transport } from './transport.ts';
import { webhook } from './webhook.ts';

/** Creates the transport of a scheme. */
type Open = (settings: Settings) => Transport;

/**
 * Creates the transport that `GATEHOUSE_MAIL` names.
 *
 * @param others the transports that only this runtime has, by the scheme of the URL; undefined for those that the
 *   setting does not name, which the error lists too
 * @returns undefined when no mail is configured; messages then wait in the queue
 * @throws WrongSetting
 */
export function transportOf(settings: Settings, others: Record<string, Open | undefined> = {}): Transport | undefined {
  if (settings.mail === undefined) return undefined;
  const known: Record<string, Open | undefined> = { 'http:': webhook, 'https:': webhook, ...others };
  const url = URL.parse(settings.mail);
  const open = url === null ? undefined : known[url.protocol];
  if (url === null || open === undefined)
    throw new WrongSetting(`GATEHOUSE_MAIL must begin with ${Object.keys(known).join(', ')} in this runtime`);
  senderOf(settings.mailFrom);
  return open(settings);
}
