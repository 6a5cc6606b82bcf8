import { encoded, isUnreserved } from './path.ts';

/**
 * Splits a regular expression into its pieces. A piece that stands for one character has that character as `literal`;
 * classes, groups and operators have none.
 */
function* pieces(pattern: string): Generator<{ text: string; literal?: string }> {
  const piece =
    /\\Q([\s\S]*?)(?:\\E|$)|\\[pP](?:\{[^}]*\}|.)|\\x(?:\{[^}]*\}|[0-9a-fA-F]{2})|\\([\s\S])|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]|\(\?(?:P?<\w+>|[imsU-]*[:)])|\{\d*,?\d*\}|%[0-9a-fA-F]{2}|[\s\S]/gu;
  for (const [text, quoted, escaped] of pattern.matchAll(piece)) {
    if (quoted !== undefined) for (const character of quoted) yield { text: `\\Q${character}\\E`, literal: character };
    else if (escaped !== undefined) yield { text, ...(/[^\w\s]/.test(escaped) && { literal: escaped }) };
    else if (/^%[0-9a-f]{2}$/i.test(text) || (text.length <= 2 && !/[\\^$.*+?()[\]{}|]/.test(text)))
      yield { text, literal: text };
    else yield { text };
  }
}

const QUANTIFIER = /^(?:[*+?]|\{\d*,?\d*\})$/;

/**
 * Rewrites a pattern so that it matches normalised paths. Literal characters outside ASCII become percent-escapes.
 * Escapes match in upper and lower case. Escapes of characters that need no escape become the characters. Classes stay
 * as written, although a normalised path contains only ASCII characters.
 *
 * @example canonicalPattern('/é') // '/%[Cc]3%[Aa]9'
 */
export function canonicalPattern(pattern: string): string {
  if (/^[\w/.*+?()|^$~-]*$/.test(pattern)) return pattern;
  const all = [...pieces(pattern)];
  return all.map((piece, index) => rewritten(piece, QUANTIFIER.test(all[index + 1]?.text ?? ''))).join('');
}

function rewritten({ text, literal }: { text: string; literal?: string }, repeated: boolean): string {
  if (literal === undefined) return text;
  if (literal.length === 3 && literal.startsWith('%')) {
    const character = String.fromCharCode(Number.parseInt(literal.slice(1), 16));
    // The quantifier in `%41+` repeats only the `1`, so this escape must stay.
    return isUnreserved(character) && !repeated ? quoted(character) : anyCase(literal);
  }
  const escaped = encoded(literal);
  if (escaped === literal) return text;
  return repeated ? `(?:${anyCase(escaped)})` : anyCase(escaped);
}

const quoted = (character: string): string => (character === '.' ? '\\.' : character);

const anyCase = (escapes: string): string =>
  escapes.replace(/[a-f]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);

/**
 * Returns the literal text of a pattern, in order. `\0` stands for each piece that is not literal, or that a quantifier
 * makes optional. Text inside optional groups and alternatives counts
 * as literal, so a match need not contain the text.
 *
 * @example literalText('/a.*b?') // '/a\0\0\0\0'
 */
export function literalText(pattern: string): string {
  const all = [...pieces(pattern)];
  return all
    .map(({ literal }, index) =>
      literal === undefined || /^(?:[*?]|\{0?,?\d*\})$/.test(all[index + 1]?.text ?? '') ? '\0' : literal,
    )
    .join('');
}
