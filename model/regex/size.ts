/**
 * The most RE2 instructions of one pattern. Our count is an upper estimate: a generator found no pattern for which RE2
 * counts more. Envoy's own limit, `re2.max_program_size.error_level` in `dataplane/envoy/bootstrap.ts`, is four times
 * as high, so it never applies first.
 */
export const MAX_PROGRAM = 4_000;

/** A pattern as parsed by re2js; repetitions share their nodes. */
export interface Node {
  op: number;
  flags: number;
  runes: ArrayLike<number>;
  subs: readonly Node[];
}

/**
 * Envoy's overhead per pattern: its count for a one-character pattern, minus that character. It covers the loop that
 * finds the start of a match, and its end.
 */
const FRAME = 4;

/** The instructions RE2 compiles the pattern to, in its Latin-1 mode. */
export function programSize(pattern: Node): number {
  return FRAME + count(pattern, new Map());
}

function count(node: Node, known: Map<Node, number>): number {
  let size = known.get(node);
  if (size === undefined) {
    size = own(node);
    for (const sub of node.subs) size += count(sub, known);
    known.set(node, size);
  }
  return size;
}

/** `Regexp.Op` of re2js, which does not export it. */
const OP = {
  literal: 2,
  class: 3,
  anyButNewline: 4,
  capture: 12,
  star: 13,
  plus: 14,
  concat: 17,
  alternate: 18,
} as const;
const FOLD_CASE = 1;

function own({ op, flags, runes, subs }: Node): number {
  switch (op) {
    case OP.literal:
      return flags & FOLD_CASE ? foldedSize(runes) : runes.length;
    case OP.class:
      return Math.max(1, rangesOfBytes(runes));
    case OP.anyButNewline:
    case OP.capture:
      return 2;
    // Fewer when what they repeat cannot be empty.
    case OP.plus:
      return 3;
    case OP.star:
      return 4;
    case OP.alternate:
      return Math.max(1, subs.length - 1);
    case OP.concat:
      return 0;
    default:
      return 1;
  }
}

/** One instruction matches an ASCII letter in either case; other characters with case compile to a class. */
function foldedSize(runes: ArrayLike<number>): number {
  let size = 0;
  for (let index = 0; index < runes.length; index++) size += runes[index]! < 0x80 ? 1 : 2;
  return size;
}

/** A class is a sorted list of first and last characters; characters that are not bytes match nothing. */
function rangesOfBytes(runes: ArrayLike<number>): number {
  let ranges = 0;
  while (2 * ranges < runes.length && runes[2 * ranges]! <= 0xff) ranges++;
  return ranges;
}
