import { createTransport, type SendMailOptions } from 'nodemailer';
import { WrongSetting } from '../../wire/wrong-setting.ts';
import type { Settings } from '../settings.ts';
import { messageIdOf } from './sender.ts';
import { type Envelope, Refused, type Transport } from './transport.ts';

const CONNECT_MS = 10_000;
const SILENT_MS = 30_000;
/** The time for one message. It is shorter than the time after which another process sends the message again. */
const TOTAL_MS = 60_000;

/**
 * Sends messages to a mail server. With a user and a password in the URL, the connection must be encrypted, unless the
 * URL ends with `?tls=optional`.
 *
 * @throws WrongSetting
 */
export function smtp({ mail = '' }: Settings): Transport {
  const { hostname, port, username, password, protocol, pathname, searchParams } = new URL(mail);
  const isKnown = [...searchParams].every(([name, value]) => name === 'tls' && value === 'optional');
  if (hostname === '' || !isKnown || !['', '/'].includes(pathname) || (username === '') !== (password === ''))
    throw new WrongSetting(
      'GATEHOUSE_MAIL must be smtp://HOST:PORT, smtp://USER:PASSWORD@HOST:PORT or the same with smtps://, and may end with ?tls=optional',
    );
  const isTls = protocol === 'smtps:';
  const auth = username === '' ? undefined : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  const at = port === '' ? (isTls ? 465 : 587) : Number(port);
  const mailer = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: at,
    secure: isTls,
    requireTLS: !isTls && auth !== undefined && !searchParams.has('tls'),
    ...(auth && { auth }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    server: `${hostname}:${at}`,
    async send(envelope) {
      try {
        await mailer.sendMail({ ...composed(envelope), signal: AbortSignal.timeout(TOTAL_MS) });
      } catch (error) {
        throw isRefusal(error) ? new Refused((error as Error).message, { cause: error }) : error;
      }
    },
  };
}

/** Whether the server refused the recipient or the message for good (RFC 5321 §4.2.1), and not the sender's login. */
function isRefusal(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && Number(responseCode) >= 500;
}

/** Describes a message for nodemailer, which encodes its headers and its parts. */
function composed({ id, from, to, subject, text, html, createdAt }: Envelope): SendMailOptions {
  return {
    // As objects, the addresses are not parsed: no part of one can become a second recipient.
    from: { name: from.name ?? '', address: from.address },
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    subject,
    text,
    html,
    date: new Date(createdAt),
    messageId: messageIdOf(id, from),
    // RFC 3834 §5: nobody's absence notice answers it.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
