import { isAddress } from '../../model/values/mail-address.ts';
import { WrongSetting } from '../../wire/wrong-setting.ts';
import type { Sender } from './transport.ts';

/** Writes a sender as the header `From`. */
export const textOf = ({ name, address }: Sender): string => (name === undefined ? address : `${name} <${address}>`);

/** Makes the `Message-ID` of a message (RFC 5322 §3.6.4). All attempts have the same one. */
export const messageIdOf = (id: string, { address }: Sender): string =>
  `<${id}@${address.slice(address.lastIndexOf('@') + 1)}>`;

/**
 * Parses `GATEHOUSE_MAIL_FROM`.
 *
 * @throws WrongSetting
 */
export function senderOf(text: string): Sender {
  const [, name, address = ''] = /^(?:([^<>"\r\n]{1,100}?) ?<([^<>]+)>)$/.exec(text) ?? [text, undefined, text];
  if (!isAddress(address))
    throw new WrongSetting('GATEHOUSE_MAIL_FROM must be an address such as Gatehouse <no-reply@example.com>');
  return { ...(name && { name }), address };
}
