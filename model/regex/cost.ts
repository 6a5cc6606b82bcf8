/** Estimates what a pattern may cost Envoy, whatever the requests are. */
import { LRUCache } from 'lru-cache';
import { compile, consumes, following, type Instruction, isWaiting, OP, type Program, programOf } from './program.ts';

/** The largest cost of one pattern in Envoy. Patterns of one host, and of one tenant, add up. */
export interface PatternCost {
  /** The time for one request, in microseconds. */
  time: number;
  /** The memory that RE2 fills with the states of the pattern, in bytes. It stays in use as long as the pattern. */
  memory: number;
}

/** The largest size of all headers of a request, which is the longest text that a pattern may see, in bytes. */
const LONGEST_TEXT = 60 * 1024;

/**
 * Times in microseconds, measured with Envoy 1.40 on one 2-core machine: docs/decisions/0029-pattern-costs.md.
 *
 * - `byte`: per byte of the text, once the states are known
 * - `step`: per instruction that RE2 looks at to compute a state
 * - `byteWithoutStates`, `instruction`: per byte, and in addition per byte and instruction, when RE2 keeps no states
 */
const TIME = { byte: 0.0018, step: 0.02, byteWithoutStates: 0.45, instruction: 0.0072 };

/** The memory for the states of a pattern at which RE2 gives up: a third of its default of 8 MiB per pattern. */
const MOST_STATES = Math.floor((8 * 1024 * 1024) / 3);
/** The memory that such a pattern was measured to need in all. */
const MEMORY_WITHOUT_STATES = 4 * 1024 * 1024;

/** The memory of one state in bytes: alone, per class of bytes, and per instruction. */
const STATE = { own: 64, perClass: 8, perInstruction: 4 };

/**
 * Estimates the largest cost of a pattern. RE2 computes the states of a pattern when texts lead to them, and keeps them.
 * Nearly all patterns have few states. A pattern such as `.*a.{20}b` has a million: after `a`, each of the next twenty
 * bytes may be where the `b` belongs, and RE2 must remember which. RE2 then fills its memory, and afterwards compares
 * each byte with each instruction.
 *
 * @param pattern as Envoy gets it
 * @returns no cost when RE2 rejects the pattern
 * @example patternCost('/api/v[0-9]+/.*').memory // about 2,000
 */
export function patternCost(pattern: string): PatternCost {
  let cost = known.get(pattern);
  if (!cost) known.set(pattern, (cost = estimate(pattern)));
  return cost;
}

/** The last results, because very many rules may have the same pattern. */
const known = new LRUCache<string, PatternCost>({ max: 5000 });

function estimate(pattern: string): PatternCost {
  const compiled = compile(pattern);
  if (compiled === undefined) return { time: 0, memory: 0 };
  const program = programOf(compiled);
  const states = countStates(program);
  if (states === undefined) return costWithoutStates(program.numInst());
  return { time: LONGEST_TEXT * TIME.byte + states.steps * TIME.step, memory: states.memory };
}

/**
 * Returns the cost of a pattern with too many states.
 *
 * @param instructions the number of instructions of its program
 */
export const costWithoutStates = (instructions: number): PatternCost => ({
  time: LONGEST_TEXT * (TIME.byteWithoutStates + TIME.instruction * instructions),
  memory: MEMORY_WITHOUT_STATES,
});

/**
 * The number of instructions that are looked at before a pattern counts as one with too many states: by the size of its
 * program, and at most. Ordinary patterns need less than a tenth of it. It takes about five milliseconds at most.
 */
const STEPS = { least: 20_000, perInstruction: 1_000, most: 300_000 };

/**
 * Counts the states that RE2 may need for a pattern: the sets of instructions that may wait for the same byte of a text.
 *
 * @returns the number of instructions looked at, and the memory of all states; undefined when there are too many
 */
function countStates(program: Program): { steps: number; memory: number } | undefined {
  const most = Math.min(STEPS.most, STEPS.least + STEPS.perInstruction * program.numInst());
  const classes = acceptedClasses(program);
  const perState = STATE.own + STATE.perClass * (classes.count + 1);
  const walk = new Walk(program);
  const seen = new Set<string>();
  const left: number[][] = [];
  let memory = 0;
  const add = (state: number[]) => {
    const key = String.fromCharCode(...state);
    if (seen.has(key)) return;
    seen.add(key);
    memory += perState + STATE.perInstruction * state.length;
    left.push(state);
  };
  add(walk.from([program.start]));
  for (let state = left.pop(); state; state = left.pop())
    for (let each = 0; each < classes.count; each++) {
      const outs: number[] = [];
      for (const index of state) if (classes.of[index]?.[each]) outs.push(program.getInst(index).out);
      walk.steps += state.length;
      if (outs.length > 0) add(walk.from(outs));
      if (walk.steps > most || memory > MOST_STATES) return undefined;
    }
  return { steps: walk.steps, memory };
}

/** Finds the instructions that wait for the next byte, or end the pattern. */
class Walk {
  readonly #program: Program;
  readonly #seenAt: Uint32Array;
  #time = 0;
  /** The number of instructions looked at so far. */
  steps = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#seenAt = new Uint32Array(program.numInst());
  }

  /** @returns the indexes of instructions, sorted */
  from(starts: readonly number[]): number[] {
    this.#time++;
    const stack = [...starts];
    const found: number[] = [];
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      if (this.#seenAt[index] === this.#time) continue;
      this.#seenAt[index] = this.#time;
      this.steps++;
      const instruction = this.#program.getInst(index);
      if (isWaiting(instruction) || instruction.op === OP.match) found.push(index);
      else stack.push(...following(instruction));
    }
    return found.sort((a, b) => a - b);
  }
}

/**
 * Divides the bytes into classes that no instruction tells apart.
 *
 * @returns the number of classes, and by instruction that waits for a byte: which classes it accepts
 */
function acceptedClasses(program: Program): { count: number; of: (Uint8Array | undefined)[] } {
  const distinct = new Map<string, Instruction>();
  const keys: (string | undefined)[] = [];
  for (let index = 0; index < program.numInst(); index++) {
    const instruction = program.getInst(index);
    if (!isWaiting(instruction)) continue;
    const key = `${instruction.op} ${instruction.arg} ${instruction.runes}`;
    keys[index] = key;
    if (!distinct.has(key)) distinct.set(key, instruction);
  }
  const all = [...distinct.values()];
  const representatives = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) {
    const key = all.map((instruction) => Number(consumes(instruction, byte))).join('');
    if (!representatives.has(key)) representatives.set(key, byte);
  }
  const bytes = [...representatives.values()];
  const accepted = new Map<string, Uint8Array>();
  for (const [key, instruction] of distinct)
    accepted.set(
      key,
      Uint8Array.from(bytes, (byte) => Number(consumes(instruction, byte))),
    );
  return { count: bytes.length, of: keys.map((key) => (key === undefined ? undefined : accepted.get(key))) };
}
