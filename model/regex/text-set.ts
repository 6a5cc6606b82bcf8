import type { TextSet } from './overlap.ts';
import { compile, consumes, following, isWaiting, OP, type Program, programOf } from './program.ts';

/** The state that no text of the set reaches. */
const DEAD = -1;

/**
 * Returns the set of the texts that a small pattern matches as a whole. Its automaton is computed at once, so the
 * pattern must have few states.
 *
 * @throws RangeError when RE2 rejects the pattern
 */
export function textSetOf(pattern: string): TextSet {
  const compiled = compile(pattern);
  if (!compiled) throw new RangeError(`not a pattern: ${pattern}`);
  const program = programOf(compiled);
  const sets: number[][] = [];
  const numbers = new Map<string, number>();
  const numberOf = (set: number[]): number => {
    if (set.length === 0) return DEAD;
    const key = set.join();
    let number = numbers.get(key);
    if (number === undefined) {
      numbers.set(key, (number = sets.length));
      sets.push(set);
    }
    return number;
  };
  numberOf(closure(program, [program.start]));
  const next: number[][] = [];
  for (let state = 0; state < sets.length; state++) {
    const waiting = sets[state]!.map((index) => program.getInst(index)).filter(isWaiting);
    next.push(
      Array.from({ length: 256 }, (_, byte) =>
        numberOf(
          closure(
            program,
            waiting.filter((each) => consumes(each, byte)).map(({ out }) => out),
          ),
        ),
      ),
    );
  }
  const ends = sets.map((set) => set.some((index) => program.getInst(index).op === OP.match));
  return { states: sets.length, next: (state, byte) => next[state]![byte]!, accepts: (state) => ends[state]! };
}

/** Returns the instructions that are reached without a byte, in order. */
function closure(program: Program, start: readonly number[]): number[] {
  const reached = new Set<number>();
  const stack = [...start];
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    stack.push(...following(program.getInst(index)));
  }
  return [...reached].sort((a, b) => a - b);
}
