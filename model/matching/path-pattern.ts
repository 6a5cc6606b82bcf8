import { encoded, isUnreserved } from './path.ts';

/**
 * Regular expressions of `uri`, read piece by piece: what is no character of its own (classes, groups, operators) stays
 * as it is.
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
 * The pattern for paths as they reach rules: literal text that is not ASCII is percent-encoded, escapes match in either
 * case, and those of characters that need none are the characters. Classes stay as written: they see the ASCII of an
 * escaped path.
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
    // In `%41+` only the 1 is repeated.
    return isUnreserved(character) && !repeated ? quoted(character) : anyCase(literal);
  }
  const escaped = encoded(literal);
  if (escaped === literal) return text;
  return repeated ? `(?:${anyCase(escaped)})` : anyCase(escaped);
}

const quoted = (character: string): string => (character === '.' ? '\\.' : character);

const anyCase = (escapes: string): string =>
  escapes.replace(/[a-f]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);

/** The runs of literal text that every match contains, in order: `\0` marks text that is not literal or is optional. */
export function literalText(pattern: string): string {
  const all = [...pieces(pattern)];
  return all
    .map(({ literal }, index) =>
      literal === undefined || /^(?:[*?]|\{0?,?\d*\})$/.test(all[index + 1]?.text ?? '') ? '\0' : literal,
    )
    .join('');
}
