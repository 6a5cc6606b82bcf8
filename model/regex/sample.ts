/** Makes a short text that a pattern matches, for requests that test the pattern. */
import { RE2JSException, RE2Set } from 're2js';

/** A pattern as parsed by re2js; repetitions share their nodes. */
interface Node {
  op: number;
  runes: ArrayLike<number>;
  subs: readonly Node[];
  min: number;
}

/** Values of `Regexp.Op`, which re2js does not export. */
const OP = {
  literal: 2,
  class: 3,
  anyNotNewline: 4,
  any: 5,
  capture: 12,
  plus: 14,
  repeat: 16,
  concat: 17,
  alternate: 18,
};

/** The length of the longest sample, in characters. Longer requests are not realistic. */
const LONGEST = 2_000;

/**
 * Makes a text that the pattern matches. It contains the first of several alternatives, no optional parts, and the
 * smallest number of repetitions. Assertions such as `\b` are ignored, so the pattern may not match the text.
 *
 * @param pattern in ASCII, as `canonicalPattern` returns the patterns of `uri`
 * @returns undefined when RE2 rejects the pattern, or when the text would be longer than 2,000 characters
 * @example sampleOf('/(cart|shop)/[0-9]+') // '/cart/0'
 */
export function sampleOf(pattern: string): string | undefined {
  const set = new RE2Set();
  try {
    set.add(pattern);
  } catch (cause) {
    if (cause instanceof RE2JSException) return undefined;
    throw cause;
  }
  const pieces: string[] = [];
  write(set.regexps[0] as unknown as Node, pieces);
  const text = pieces.join('');
  return text.length > LONGEST ? undefined : text;
}

function write(node: Node, pieces: string[]): void {
  if (pieces.length > LONGEST) return;
  const { op, runes, subs } = node;
  if (op === OP.literal) pieces.push(String.fromCharCode(...Array.from(runes)));
  else if (op === OP.class) pieces.push(oneOf(runes));
  else if (op === OP.any || op === OP.anyNotNewline) pieces.push('a');
  else if (op === OP.capture || op === OP.plus) write(subs[0]!, pieces);
  else if (op === OP.concat) for (const sub of subs) write(sub, pieces);
  else if (op === OP.alternate) write(subs[0]!, pieces);
  else if (op === OP.repeat) for (let count = 0; count < node.min; count++) write(subs[0]!, pieces);
}

const USUAL = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.~/';

/** @param ranges the first and the last character code of each range, in one list */
function oneOf(ranges: ArrayLike<number>): string {
  const contains = (code: number) => {
    for (let at = 0; at < ranges.length; at += 2) if (code >= ranges[at]! && code <= ranges[at + 1]!) return true;
    return false;
  };
  for (const character of USUAL) if (contains(character.charCodeAt(0))) return character;
  for (let code = 0x21; code < 0x7f; code++) if (contains(code)) return String.fromCharCode(code);
  return '';
}
