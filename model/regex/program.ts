/** Programs that re2js compiled from patterns, for code that runs or examines them itself. */
import { RE2JS, RE2JSException } from 're2js';

/** One instruction of a program compiled by re2js (`Inst`, which it does not export). */
export interface Instruction {
  op: number;
  out: number;
  arg: number;
  runes: ArrayLike<number>;
  matchRune(rune: number): boolean;
}

/** A program compiled by re2js (`Prog`, which it does not export). */
export interface Program {
  start: number;
  numInst(): number;
  getInst(index: number): Instruction;
}

/** Opcodes of `Inst` in re2js. */
export const OP = {
  alt: 1,
  altMatch: 2,
  capture: 3,
  emptyWidth: 4,
  fail: 5,
  match: 6,
  nop: 7,
  any: 10,
  anyNotNewline: 11,
};

/**
 * Compiles a pattern as Envoy reads it: for bytes.
 *
 * @param pattern as a tenant writes it
 * @returns a pattern for texts with one character per byte; undefined when RE2 rejects the pattern
 */
export function compile(pattern: string, ignoreCase = false): RE2JS | undefined {
  try {
    return RE2JS.compile(toBytes(pattern), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (cause) {
    if (cause instanceof RE2JSException) return undefined;
    throw cause;
  }
}

/** Returns the program of a compiled pattern. */
export const programOf = (compiled: RE2JS): Program =>
  // The program is not in the declared types of re2js.
  (compiled.re2() as unknown as { prog: Program }).prog;

const encoder = new TextEncoder();

/** Returns the UTF-8 bytes of a text as a text with one character per byte. */
export function toBytes(text: string): string {
  let bytes = '';
  for (const byte of encoder.encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

/** Whether an instruction that waits for a byte accepts this byte. */
export function consumes(instruction: Instruction, byte: number): boolean {
  if (instruction.op === OP.any) return true;
  return instruction.op === OP.anyNotNewline ? byte !== 10 : instruction.matchRune(byte);
}

/**
 * Lists the instructions that follow one without a byte. Assertions such as `\b` count as true. The list is empty for
 * instructions that wait for a byte, and for the end of the program.
 */
export function following({ op, out, arg }: Instruction): readonly number[] {
  if (op === OP.alt || op === OP.altMatch) return [out, arg];
  return op === OP.capture || op === OP.nop || op === OP.emptyWidth ? [out] : [];
}

/** Whether an instruction waits for a byte. */
export const isWaiting = ({ op }: Instruction): boolean => op > OP.nop;
