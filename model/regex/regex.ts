/**
 * Judges and runs RE2 patterns as Envoy does. Envoy matches bytes (RE2's Latin-1 mode): a character outside ASCII is
 * the sequence of its UTF-8 bytes, and `.` is one byte. re2js gives the same results when both the pattern and the text
 * have one character per byte.
 */
import { LRUCache } from 'lru-cache';
import { RE2JSException, RE2Set } from 're2js';
import type { Pausable } from '../pausable.ts';
import { clipped } from '../values/quote.ts';
import { compile, programOf, toBytes } from './program.ts';
import { simulating } from './simulation.ts';
import { MAX_PROGRAM, type Node, programSize } from './size.ts';
import { estimatedWork, MAX_WORK } from './work.ts';

/** The largest length of a pattern, in characters. */
export const MAX_PATTERN = 1024;

/**
 * Returns the reason why a pattern is rejected; undefined when it is accepted. Envoy accepts every pattern that this
 * function accepts. It takes about 12 ms for the most expensive patterns.
 *
 * @example refusedByRe2('(?=a)') // 'look-around (`(?=`, `(?!`, `(?<=`, `(?<!`) does not exist in RE2'
 */
export function refusedByRe2(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN) return `must have at most ${MAX_PATTERN} characters`;
  let verdict = verdicts.get(pattern);
  if (verdict === undefined) verdicts.set(pattern, (verdict = { refused: judge(pattern) }));
  return verdict.refused;
}

/** The last results, because clients often write a route again with the same patterns. */
const verdicts = new LRUCache<string, { refused: string | undefined }>({ max: 2000 });

function judge(pattern: string): string | undefined {
  if (estimatedWork(pattern) > MAX_WORK) return tooLarge;
  const bytes = toBytes(pattern);
  const refused = refusedToken(bytes);
  if (refused) return refused;
  const set = new RE2Set();
  try {
    set.add(bytes);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    return `RE2 rejects it: ${reason(cause.message)}`;
  }
  // The set keeps the parsed pattern, with counted repetitions expanded. Its size is known without compiling it, which
  // would take longer.
  return programSize(set.regexps[0] as Node) > MAX_PROGRAM ? tooLarge : undefined;
}

/**
 * Returns whether the whole text matches, as Envoy decides it. The time is linear in the length of the text. The
 * computation pauses at least about every ten milliseconds, whatever the pattern and the text are.
 *
 * @returns false also when RE2 rejects the pattern, because Envoy would not have loaded it
 */
export function* matching(pattern: string, text: string, ignoreCase = false): Pausable<boolean> {
  const compiled = compile(pattern, ignoreCase);
  if (compiled === undefined) return false;
  const bytes = toBytes(text);
  if (bytes.length * compiled.programSize() <= AT_ONCE) return compiled.matches(bytes);
  return yield* simulating(programOf(compiled), bytes);
}

/** The product of characters and instructions up to which re2js matches without a pause. */
const AT_ONCE = 200_000;

const tooLarge = `is too large: it compiles to more than ${MAX_PROGRAM} RE2 instructions; repeat less`;

const lookAround = /^\(\?<?[=!]/;

/** Finds syntax that re2js accepts and RE2 rejects, and syntax whose error needs a better explanation. */
function refusedToken(pattern: string): string | undefined {
  for (const [token] of pattern.matchAll(tokens)) {
    if (lookAround.test(token)) return 'look-around (`(?=`, `(?!`, `(?<=`, `(?<!`) does not exist in RE2';
    // Compiled patterns continue behind this one, and the quotation would continue into them.
    if (token.startsWith('\\Q') && !token.endsWith('\\E')) return '\\Q needs \\E behind the text that it quotes';
    if (token === '(?>') return 'atomic groups do not exist in RE2';
    if (/^\\[1-9]$|^\\k/.test(token)) return 'back-references do not exist in RE2';
    const code = /^\\x\{([0-9A-Fa-f]+)\}$/.exec(token)?.[1] ?? /^\\([0-7]{3})$/.exec(token)?.[1];
    if (code !== undefined && Number.parseInt(code, token.startsWith('\\x') ? 16 : 8) > 0xff)
      return `${token} is more than one byte; write the character itself`;
    const property = /^\\[pP](?:\{\^?)?(\w+)/.exec(token)?.[1];
    if (property !== undefined && unknownToRe2.has(property)) return `RE2 has no property ${token}`;
  }
  return undefined;
}

const tokens = /\\Q[\s\S]*?(?:\\E|$)|\\x\{[^}]*\}|\\[0-7]{2,3}|\\[pP](?:\{[^}]*\}|[\s\S])|\\[\s\S]|\(\?(?:<?[=!]|>)/g;

/**
 * Properties that re2js supports but the RE2 of Envoy 1.40 does not. That RE2 supports only the general categories and
 * the scripts of Unicode 15.
 */
const unknownToRe2: ReadonlySet<string> = new Set(
  `Cn LC Lc Ascii Assigned Unknown ASCII_Hex_Digit Alphabetic Dash Emoji Emoji_Component Emoji_Modifier Emoji_Modifier_Base
  Emoji_Presentation Extended_Pictographic Hex_Digit Lowercase Math Quotation_Mark Terminal_Punctuation Uppercase White_Space Beria_Erfe
  Garay Gurung_Khema Kirat_Rai Ol_Onal Sidetic Sunuwar Tai_Yo Todhri Tolong_Siki Tulu_Tigalari`.split(/\s+/),
);

/** Returns the message of re2js without its preamble, with its bytes decoded to characters. */
function reason(message: string): string {
  const bytes = Uint8Array.from(message.replace(/^error parsing regexp: /, ''), (character) => character.charCodeAt(0));
  return clipped(new TextDecoder().decode(bytes));
}
