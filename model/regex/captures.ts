/** Finds the texts that the groups of a pattern match, with pauses. */
import type { Pausable } from '../pausable.ts';
import { compile, consumes, OP, type Program, programOf, toBytes } from './program.ts';
import { contextAt } from './simulation.ts';

/** The number of instructions that run between two pauses, in about a millisecond. */
const STRIDE = 20_000;

/** The groups that a substitution can use: `\0` to `\9`. */
const SLOTS = 20;

/**
 * Matches the whole of a text, and returns what the first ten groups match. Of several ways to match, RE2 chooses the
 * one that a backtracking engine would find first; so does this function. It runs the program that re2js compiled for
 * all ways at once (Pike's algorithm), in the order of their priority.
 *
 * @param text in ASCII
 * @returns by number of the group, 0 for the whole text; a group that does not take part has an empty text. Undefined
 *   when the text does not match
 * @example withoutPauses(capturing('/a/(.*)', '/a/b')) // ['/a/b', 'b', '', …]
 */
export function* capturing(pattern: string, text: string): Pausable<string[] | undefined> {
  const compiled = compile(pattern);
  if (compiled === undefined) return undefined;
  const bytes = toBytes(text);
  const program = programOf(compiled);
  let alive: Thread[] = [];
  follow(program, program.start, bytes, 0, new Int32Array(SLOTS).fill(-1), alive);
  for (let at = 0, looked = 0; at < bytes.length && alive.length > 0; at++) {
    const next: Thread[] = [];
    const seen = new Uint8Array(program.numInst());
    const rune = bytes.charCodeAt(at);
    for (const { index, slots } of alive) {
      if (++looked % STRIDE === 0) yield;
      const instruction = program.getInst(index);
      if (instruction.op !== OP.match && consumes(instruction, rune))
        follow(program, instruction.out, bytes, at + 1, slots, next, seen);
    }
    alive = next;
  }
  const slots = alive.find(({ index }) => program.getInst(index).op === OP.match)?.slots;
  if (!slots) return undefined;
  return Array.from({ length: SLOTS / 2 }, (_, group) => {
    if (group === 0) return text;
    const [start, end] = [slots[2 * group]!, slots[2 * group + 1]!];
    return start === -1 || end === -1 ? '' : bytes.slice(start, end);
  });
}

/** One way to match: an instruction that waits for a byte or ends the match, and the bounds of the groups so far. */
interface Thread {
  index: number;
  slots: Int32Array;
}

/** Adds the threads that begin at an instruction, in the order of their priority. */
function follow(
  program: Program,
  start: number,
  text: string,
  at: number,
  before: Int32Array,
  threads: Thread[],
  seen: Uint8Array = new Uint8Array(program.numInst()),
): void {
  const context = contextAt(text, at);
  const stack: Thread[] = [{ index: start, slots: before }];
  for (let thread = stack.pop(); thread; thread = stack.pop()) {
    const { index, slots } = thread;
    if (seen[index]) continue;
    seen[index] = 1;
    const { op, out, arg } = program.getInst(index);
    if (op === OP.alt || op === OP.altMatch) stack.push({ index: arg, slots }, { index: out, slots });
    else if (op === OP.nop) stack.push({ index: out, slots });
    else if (op === OP.capture) {
      const changed = arg < SLOTS ? Int32Array.from(slots) : slots;
      if (arg < SLOTS) changed[arg] = at;
      stack.push({ index: out, slots: changed });
    } else if (op === OP.emptyWidth) {
      if ((arg & ~context) === 0) stack.push({ index: out, slots });
    } else if (op !== OP.fail) threads.push({ index, slots });
  }
}
