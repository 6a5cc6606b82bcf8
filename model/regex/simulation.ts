/**
 * Matches long texts with pauses. re2js runs one match to its end, which may block a server for a second when both the
 * text and the program have the largest allowed size. This code runs the program that re2js compiled. It processes one
 * byte after the other and keeps the set of active instructions (Thompson's simulation). The work is at most the
 * product of the length of the text and the size of the program.
 */
import type { Pausable } from '../pausable.ts';
import { consumes, type Instruction, OP, type Program } from './program.ts';

/** `Utils.EMPTY_*` of re2js. */
const AT = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, wordBoundary: 16, noWordBoundary: 32 };

/** The number of instructions that run between two pauses, in about a millisecond. */
const STRIDE = 50_000;

/**
 * Matches a text with a compiled program, with pauses.
 *
 * @param program a program that re2js compiled
 * @param text with one character per byte
 * @returns whether the whole text matches
 */
export function* simulating(program: Program, text: string): Pausable<boolean> {
  let alive = new Threads(program);
  let next = new Threads(program);
  alive.add(program.start, contextAt(text, 0));
  for (let at = 0, looked = 0; at < text.length; at++) {
    if (alive.size === 0) return false;
    const rune = text.charCodeAt(at);
    const context = contextAt(text, at + 1);
    for (let index = 0; index < alive.size; index++) {
      if (++looked % STRIDE === 0) yield;
      const instruction = alive.at(index);
      if (consumes(instruction, rune)) next.add(instruction.out, context);
    }
    [alive, next] = [next, alive];
    next.clear();
  }
  return alive.matched;
}

const isWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);

/** Returns the assertions (`^`, `$`, `\b` …) that hold before the character at an index, as a bit set. */
export function contextAt(text: string, at: number): number {
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  let holds = isWord(before) === isWord(after) ? AT.noWordBoundary : AT.wordBoundary;
  if (at === 0) holds |= AT.beginText | AT.beginLine;
  if (at === text.length) holds |= AT.endText | AT.endLine;
  if (before === 10) holds |= AT.beginLine;
  if (after === 10) holds |= AT.endLine;
  return holds;
}

/** A set of instructions that wait for the next character. */
class Threads {
  readonly #program: Program;
  readonly #seen: Uint8Array;
  readonly #touched: number[] = [];
  readonly #waiting: number[] = [];
  matched = false;

  constructor(program: Program) {
    this.#program = program;
    this.#seen = new Uint8Array(program.numInst());
  }

  get size(): number {
    return this.#waiting.length;
  }

  at(index: number): Instruction {
    return this.#program.getInst(this.#waiting[index]!);
  }

  clear(): void {
    for (const index of this.#touched) this.#seen[index] = 0;
    this.#touched.length = this.#waiting.length = 0;
    this.matched = false;
  }

  /**
   * Adds an instruction and the instructions that follow it without a character. It uses an explicit stack, because
   * recursion over a long chain would overflow the call stack.
   */
  add(start: number, context: number): void {
    const stack = [start];
    while (stack.length > 0) {
      const index = stack.pop()!;
      if (this.#seen[index]) continue;
      this.#seen[index] = 1;
      this.#touched.push(index);
      const { op, out, arg } = this.#program.getInst(index);
      if (op === OP.alt || op === OP.altMatch) stack.push(arg, out);
      else if (op === OP.capture || op === OP.nop) stack.push(out);
      else if (op === OP.emptyWidth) {
        if ((arg & ~context) === 0) stack.push(out);
      } else if (op === OP.match) this.matched = true;
      else if (op !== OP.fail) this.#waiting.push(index);
    }
  }
}
