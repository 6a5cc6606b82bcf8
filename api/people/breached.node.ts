import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WrongSetting } from '../../wire/wrong-setting.ts';

/** A line of the lists of https://haveibeenpwned.com/Passwords: the SHA-1 of a password, and perhaps a count. */
const HASHED = /^([0-9a-f]{40})(?::\d+)?$/i;

/**
 * Reads a list of breached passwords into memory: one password per line, or the SHA-1 of one. The list needs about 100
 * bytes of memory per line.
 *
 * @returns whether a password is in the list
 * @throws WrongSetting when the file cannot be read
 */
export function breachedPasswords(path: string): (password: string) => boolean {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new WrongSetting(`GATEHOUSE_BREACHED_PASSWORDS: cannot read ${path}: ${(error as Error).message}`);
  }
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const listed = new Set(lines.map((line) => HASHED.exec(line)?.[1]?.toLowerCase() ?? line.normalize('NFKC')));
  return (password) => listed.has(password) || listed.has(hash('sha1', password));
}
