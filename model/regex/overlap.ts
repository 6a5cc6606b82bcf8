/** Decides whether a pattern matches any text of a set, such as the set of normalised paths. */
import { compile, consumes, following, isWaiting, OP, type Program, programOf } from './program.ts';

/**
 * A set of texts as a deterministic automaton over bytes. Its states are the numbers below `states`; it begins in
 * state 0.
 */
export interface TextSet {
  states: number;
  /** Returns the state after one more byte; -1 when no text of the set continues this way. */
  next(state: number, byte: number): number;
  /** Whether a text that ends in this state is in the set. */
  accepts(state: number): boolean;
}

/**
 * Whether the whole of some text in the set matches a pattern. Assertions such as `\b` count as true, so the result may
 * be true although no text matches. It is never false when a text matches. The work is at most the size of the program
 * times the number of states and bytes, about 20 ms for the largest patterns.
 *
 * @returns true also when RE2 rejects the pattern
 * @example matchesSome('/a(//b)?', normalisedPaths()) // true, because it matches `/a`
 */
export function matchesSome(pattern: string, set: TextSet): boolean {
  const compiled = compile(pattern);
  return compiled === undefined || reachesEnd(programOf(compiled), set);
}

/** Searches the pairs of an instruction and a state of the set that one text reaches together. */
function reachesEnd(program: Program, set: TextSet): boolean {
  const size = program.numInst();
  const seen = new Uint8Array(size * set.states);
  const stack: number[] = [];
  const add = (index: number, state: number) => {
    const pair = state * size + index;
    if (seen[pair]) return;
    seen[pair] = 1;
    stack.push(pair);
  };
  const classes = classesOf(set);
  const consumed: (ByteClass[] | undefined)[] = [];
  add(program.start, 0);
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    const state = Math.floor(pair / size);
    const index = pair % size;
    const instruction = program.getInst(index);
    if (instruction.op === OP.match && set.accepts(state)) return true;
    if (isWaiting(instruction)) {
      consumed[index] ??= classes.filter(({ bytes }) => bytes.some((byte) => consumes(instruction, byte)));
      for (const { next } of consumed[index]) if (next[state] !== -1) add(instruction.out, next[state]!);
    } else for (const each of following(instruction)) add(each, state);
  }
  return false;
}

/** Bytes that a set treats alike in every state, and the state after them by the state before them. */
interface ByteClass {
  bytes: number[];
  next: readonly number[];
}

const known = new WeakMap<TextSet, readonly ByteClass[]>();

function classesOf(set: TextSet): readonly ByteClass[] {
  let classes = known.get(set);
  if (classes) return classes;
  const byNext = new Map<string, ByteClass>();
  for (let byte = 0; byte < 256; byte++) {
    const next = Array.from({ length: set.states }, (_, state) => set.next(state, byte));
    const key = next.join();
    const same = byNext.get(key);
    if (same) same.bytes.push(byte);
    else byNext.set(key, { bytes: [byte], next });
  }
  classes = [...byNext.values()].filter(({ next }) => next.some((state) => state !== -1));
  known.set(set, classes);
  return classes;
}
