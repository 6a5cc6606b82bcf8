import type { TextSet } from '../regex/overlap.ts';

/** How far a text is inside its current segment. */
const AT = { begin: 0, slash: 1, dot: 2, dots: 3, text: 4 } as const;
/** The beginnings of an escaped slash (`%2F`) or backslash (`%5C`) with which a text ends. */
const ESCAPE = { none: 0, percent: 1, percent2: 2, percent5: 3 } as const;
const ESCAPES = 4;

const code = (character: string): number => character.charCodeAt(0);
const [SLASH, DOT, PERCENT, TWO, FIVE] = [code('/'), code('.'), code('%'), code('2'), code('5')];
const ENDS_PATH = new Set([code('?'), code('#')]);
const [F, C] = [new Set([code('f'), code('F')]), new Set([code('c'), code('C')])];

/**
 * Returns the set of the paths that get to the rules of a host: they begin with a slash, are in ASCII, and have no
 * query, no run of slashes and no dot segment. The set is a little too large: it also contains texts with characters
 * that clients must escape.
 *
 * @param keepsEscapedSlashes whether the set contains paths with escaped slashes
 */
export const normalisedPaths = (keepsEscapedSlashes: boolean): TextSet => ({
  states: 5 * ESCAPES,
  next(state, byte) {
    if (byte > 0x7f || ENDS_PATH.has(byte)) return -1;
    const segment = nextInSegment(Math.floor(state / ESCAPES), byte);
    if (segment === -1) return -1;
    if (keepsEscapedSlashes) return segment * ESCAPES;
    const begun = nextInEscape(state % ESCAPES, byte);
    return begun === -1 ? -1 : segment * ESCAPES + begun;
  },
  accepts: (state) => {
    const segment = Math.floor(state / ESCAPES);
    return segment === AT.slash || segment === AT.text;
  },
});

function nextInSegment(segment: number, byte: number): number {
  if (byte === SLASH) return segment === AT.begin || segment === AT.text ? AT.slash : -1;
  if (segment === AT.begin) return -1;
  if (byte !== DOT) return AT.text;
  if (segment === AT.slash) return AT.dot;
  return segment === AT.dot ? AT.dots : AT.text;
}

function nextInEscape(begun: number, byte: number): number {
  if (byte === PERCENT) return ESCAPE.percent;
  if (begun === ESCAPE.percent && byte === TWO) return ESCAPE.percent2;
  if (begun === ESCAPE.percent && byte === FIVE) return ESCAPE.percent5;
  const isSlash = (begun === ESCAPE.percent2 && F.has(byte)) || (begun === ESCAPE.percent5 && C.has(byte));
  return isSlash ? -1 : ESCAPE.none;
}

/** How far a text is inside an escape of a slash, a backslash or a semicolon; `slash`: just after an escaped slash. */
const BEGUN = { none: 0, percent: 1, percent2: 2, percent3: 3, percent5: 4, slash: 5 } as const;
const BEGUNS = 6;
const SEMICOLON = code(';');
const [THREE, B] = [code('3'), new Set([code('b'), code('B')])];

/**
 * The set of the paths that get to the rules of a host and that have no dot segment for an application which decodes
 * escaped slashes and drops parameters.
 */
export const withoutDotSegments: TextSet = {
  states: 5 * BEGUNS,
  next(state, byte) {
    if (byte > 0x7f || ENDS_PATH.has(byte)) return -1;
    const [segment, begun] = [Math.floor(state / BEGUNS), state % BEGUNS];
    const isSlash = (begun === BEGUN.percent2 && F.has(byte)) || (begun === BEGUN.percent5 && C.has(byte));
    const ends = isSlash || byte === SEMICOLON || (begun === BEGUN.percent3 && B.has(byte));
    if (ends && (segment === AT.dot || segment === AT.dots)) return -1;
    if (isSlash) return AT.slash * BEGUNS + BEGUN.slash;
    if (begun === BEGUN.slash && byte === SLASH) return AT.slash * BEGUNS;
    const begins = escapeBegun(begun, byte);
    // The segment stays where it is until it is known what the escape means.
    if (begins !== BEGUN.none && segment !== AT.begin) return segment * BEGUNS + begins;
    const next = nextInSegment(begun === BEGUN.none || begun === BEGUN.slash ? segment : AT.text, byte);
    return next === -1 ? -1 : next * BEGUNS;
  },
  accepts: (state) => {
    const [segment, begun] = [Math.floor(state / BEGUNS), state % BEGUNS];
    return segment === AT.slash || segment === AT.text || begun !== BEGUN.none;
  },
};

function escapeBegun(begun: number, byte: number): number {
  if (byte === PERCENT) return BEGUN.percent;
  if (begun !== BEGUN.percent) return BEGUN.none;
  if (byte === TWO) return BEGUN.percent2;
  if (byte === THREE) return BEGUN.percent3;
  return byte === FIVE ? BEGUN.percent5 : BEGUN.none;
}
