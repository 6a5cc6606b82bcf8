/**
 * The largest number of RE2 instructions per pattern. {@link programSize} is an upper estimate: tests with generated
 * patterns found none for which RE2 counts more. Envoy's own limit, `re2.max_program_size.error_level` in
 * `dataplane/envoy/bootstrap.ts`, is four times as high, so that this limit always applies first.
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
 * The instructions that RE2 adds to every pattern: the count for a one-character pattern, minus one. They find the
 * start of a match and mark its end.
 */
const FRAME = 4;

/** Estimates how many instructions RE2 compiles the pattern to, in its Latin-1 mode. The count is never too low. */
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

/** Values of `Regexp.Op`, which re2js does not export. */
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
    // RE2 needs fewer instructions when the repeated part cannot be empty.
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

/** An ASCII letter in either case is one instruction. Other letters in either case are a class of two. */
function foldedSize(runes: ArrayLike<number>): number {
  let size = 0;
  for (let index = 0; index < runes.length; index++) size += runes[index]! < 0x80 ? 1 : 2;
  return size;
}

/** @param runes the first and last character of each range, sorted; characters above 0xff match no byte */
function rangesOfBytes(runes: ArrayLike<number>): number {
  let ranges = 0;
  while (2 * ranges < runes.length && runes[2 * ranges]! <= 0xff) ranges++;
  return ranges;
}
