import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../wire/make-folder.node.ts';
import { WrongSetting } from '../../wire/wrong-setting.ts';
import type { Settings } from '../settings.ts';
import { messageIdOf, textOf } from './sender.ts';
import type { Envelope, Transport } from './transport.ts';

/**
 * Writes each message to a file `ID.eml` of a folder, for development and tests. The file appears when it is complete.
 * A repeated attempt replaces it.
 *
 * @param settings with `mail`, the text `file:DIR`; the folder may be relative to the working directory
 * @throws WrongSetting
 */
export function folder({ mail = '' }: Settings): Transport {
  const path = mail.replace(/^file:(?:\/\/(?=\/))?/, '');
  if (path === '') throw new WrongSetting('GATEHOUSE_MAIL must be file:DIR');
  makeFolder(path);
  return { send: (envelope) => write(path, envelope) };
}

async function write(path: string, envelope: Envelope): Promise<void> {
  const part = join(path, `${envelope.id}.part`);
  const file = await open(part, 'w', 0o600);
  try {
    await file.writeFile(composed(envelope));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, join(path, `${envelope.id}.eml`));
}

/** Writes a message with 8-bit parts, so that a person can copy a link out of the file. */
function composed({ id, from, to, subject, text, html, createdAt }: Envelope): string {
  const boundary = `part-${id}`;
  return [
    `Message-ID: ${messageIdOf(id, from)}`,
    `Date: ${new Date(createdAt).toUTCString()}`,
    `From: ${textOf(from)}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    ...[
      ['plain', text],
      ['html', html],
    ].flatMap(([type, content]) => [
      `--${boundary}`,
      `Content-Type: text/${type}; charset=utf-8`,
      'Content-Transfer-Encoding: 8bit',
      '',
      content,
    ]),
    `--${boundary}--`,
    '',
  ].join('\n');
}
