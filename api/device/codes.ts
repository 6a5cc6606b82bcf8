import type { Sha256 } from '../access/authenticate.ts';

/**
 * Letters without vowels, so that a code is no word, and without digits, so that no letter looks like another one.
 * Eight of them are 34 bits. https://www.rfc-editor.org/rfc/rfc8628#section-6.1
 */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
/** The values of a byte that are distributed evenly over the letters. */
const EVEN = 256 - (256 % LETTERS.length);

/** Creates a code that a person types, such as `WDJB-MJHT`. */
export function newUserCode(): string {
  let letters = '';
  while (letters.length < LENGTH) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < EVEN) letters += LETTERS[byte % LETTERS.length];
  }
  return spelled(letters);
}

/**
 * Reads a code as people type it: in any case, with or without a hyphen and spaces.
 *
 * @returns the code as `newUserCode` writes it; undefined for a text that cannot be one
 */
export function userCodeOf(text: string): string | undefined {
  const letters = text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return letters.length === LENGTH && [...letters].every((each) => LETTERS.includes(each))
    ? spelled(letters)
    : undefined;
}

const spelled = (letters: string): string => `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;

/** Hashes a code of a person. The prefix keeps these hashes apart from those of other secrets. */
export const userCodeHash = (sha256: Sha256, code: string) => sha256(`user code ${code}`);
