import { LOST, lost } from '../../model/values/own.ts';
import { pointer } from '../../model/values/pointer.ts';
import { quote } from '../../model/values/quote.ts';
import { MAX_LISTED } from '../../model/violations.ts';
import type { ProblemViolation } from '../problem.ts';

/** Limits on the content of a JSON text. Lengths are in characters of the text. */
export interface Limits {
  /** The maximum depth of nested arrays and objects. */
  depth: number;
  /** The maximum number of values in the text. */
  values: number;
  /** The maximum number of values per part. A part is, for example, one resource of a configuration. */
  part: number;
  /**
   * The number of containers around a part. For 2, the parts are the members of the members of the outermost object.
   */
  partDepth: number;
  /** The maximum number of members per object and of items per array. */
  members: number;
  string: number;
  name: number;
}

/** The start and the end of a part in the text. */
export type Part = readonly [start: number, end: number];

export interface Scanned {
  violations: ProblemViolation[];
  /** The number of violations that are not listed. */
  more: number;
  /** In the order of the text. */
  parts: Part[];
}

/**
 * An open array or object. There is one instance per depth. The scan reuses it for the next array or object at this
 * depth, because a body contains many small ones.
 */
class Container {
  isObject = false;
  /** The name of the current member. */
  name = '';
  /** The number of members or items so far. */
  size = 0;
  /** The names of members. Only the first `#count` names belong to the current object. */
  readonly #few: string[] = [];
  #count = 0;
  #many: Set<string> | undefined;

  begin(isObject: boolean): void {
    this.isObject = isObject;
    this.name = '';
    this.size = 0;
    this.#count = 0;
    this.#many?.clear();
  }

  /** @returns whether the object already has a member of this name */
  add(name: string): boolean {
    for (let index = 0; index < this.#count; index++) if (this.#few[index] === name) return true;
    if (this.#count < FEW) {
      this.#few[this.#count++] = name;
      return false;
    }
    this.#many ??= new Set();
    if (this.#many.has(name)) return true;
    this.#many.add(name);
    return false;
  }
}

/** The number of names up to which a comparison is faster than a hash. */
const FEW = 8;

/** The number of characters between two pauses. */
const STRIDE = 65_536;
/** The maximum length of a number. No useful number is longer. */
const MAX_NUMBER = 100;

const [QUOTE, COMMA, COLON, OPEN, CLOSE, BEGIN, END, SPACE, BACKSLASH] = [...'",:[]{} \\'].map((character) =>
  character.charCodeAt(0),
) as [number, number, number, number, number, number, number, number, number];

/**
 * Checks a JSON text before it is parsed, in linear time. It reports content that would be too expensive to parse and
 * validate, and content that would be lost: duplicate names, `__proto__`, U+0000 (PostgreSQL cannot store it in text),
 * lone surrogates (UTF-8 cannot encode them) and numbers out of range. It stops when a limit is exceeded.
 *
 * The scan assumes that the text is JSON. `JSON.parse` later rejects a text that is not.
 */
export function* scan(text: string, limits: Limits): Generator<undefined, Scanned> {
  const scanner = new Scanner(text, limits);
  for (let paused = 0; scanner.step(); ) {
    if (scanner.at - paused < STRIDE) continue;
    paused = scanner.at;
    yield;
  }
  return scanner;
}

class Scanner implements Scanned {
  readonly violations: ProblemViolation[] = [];
  more = 0;
  readonly parts: Part[] = [];
  at = 0;
  readonly #text: string;
  readonly #limits: Limits;
  readonly #hasEscapes: boolean;
  /** The arrays and objects by depth. The first `#depth` of them are open. */
  readonly #containers: Container[] = [];
  #depth = 0;
  #expectsName = false;
  #values = 0;
  #ofPart = 0;
  #partStart = 0;

  constructor(text: string, limits: Limits) {
    this.#text = text;
    this.#limits = limits;
    this.#hasEscapes = text.includes('\\u');
  }

  /** Reads one token. Returns false at the end, or when a limit is exceeded. */
  step(): boolean {
    if (this.at >= this.#text.length) return false;
    const character = this.#text.charCodeAt(this.at);
    if (character <= SPACE || character === COLON) this.at++;
    else if (character === COMMA) {
      this.#expectsName = this.#innermost?.isObject ?? false;
      this.at++;
    } else if (character === QUOTE) return this.#string();
    else if (character === BEGIN || character === OPEN) return this.#begin(character === BEGIN);
    else if (character === END || character === CLOSE) {
      if (this.#depth > 0) this.#depth--;
      this.#expectsName = false;
      this.at++;
      this.#end();
    } else return this.#scalar();
    return true;
  }

  get #innermost(): Container | undefined {
    return this.#depth === 0 ? undefined : this.#containers[this.#depth - 1];
  }

  #string(): boolean {
    const start = this.at + 1;
    const end = closingQuote(this.#text, start);
    if (end < 0) return false;
    this.at = end + 1;
    if (this.#expectsName) return this.#name(start, end);
    if (!this.#value(start - 1)) return false;
    if (end - start > this.#limits.string)
      return this.#tooMuch('too-long', `a text of more than ${this.#limits.string} characters`);
    if (this.#hasEscapes) this.#characters(this.#decoded(start, end), this.#pointer());
    this.#end();
    return true;
  }

  #name(start: number, end: number): boolean {
    this.#expectsName = false;
    const object = this.#innermost!;
    if (!this.#member(object)) return false;
    const name = this.#decoded(start, end);
    if (name.length > this.#limits.name)
      return this.#tooMuch(
        'too-long',
        `a name of more than ${this.#limits.name} characters, ${quote(name)}`,
        this.#pointer(-1),
      );
    object.name = name;
    const isThere = object.add(name);
    if (isThere) this.#violation('duplicate-member', `${quote(name)} is written twice`);
    else if (name === LOST) this.#violation(lost.code, lost.message);
    if (this.#hasEscapes) this.#characters(name, this.#pointer(-1));
    return true;
  }

  #begin(isObject: boolean): boolean {
    if (!this.#value(this.at)) return false;
    if (this.#depth >= this.#limits.depth)
      return this.#tooMuch('too-deep', `more than ${this.#limits.depth} arrays and objects in each other`);
    (this.#containers[this.#depth++] ??= new Container()).begin(isObject);
    this.#expectsName = isObject;
    this.at++;
    return true;
  }

  #scalar(): boolean {
    const start = this.at;
    if (!this.#value(start)) return false;
    const limit = Math.min(this.#text.length, start + MAX_NUMBER + 1);
    while (this.at < limit && !endsScalar(this.#text.charCodeAt(this.at))) this.at++;
    const written = this.#text.slice(start, this.at);
    if (written.length > MAX_NUMBER)
      return this.#tooMuch('invalid-number', `a number of more than ${MAX_NUMBER} characters`);
    if (Math.abs(Number(written)) === Number.POSITIVE_INFINITY)
      this.#violation('invalid-number', `${written} is larger than a number can be`);
    this.#end();
    return true;
  }

  /** Called at the start of a value. */
  #value(start: number): boolean {
    const container = this.#innermost;
    if (container && !container.isObject && !this.#member(container)) return false;
    if (this.#depth === this.#limits.partDepth) {
      this.#partStart = start;
      this.#ofPart = 0;
    }
    if (++this.#values > this.#limits.values)
      return this.#tooMuch('too-many-values', `more than ${this.#limits.values} values`, '');
    const { part, partDepth } = this.#limits;
    if (++this.#ofPart > part && this.#depth >= partDepth)
      return this.#tooMuch('too-many-values', `more than ${part} values`, this.#pointer(partDepth));
    return true;
  }

  /** Called at the end of a value. */
  #end(): void {
    if (this.#depth === this.#limits.partDepth) this.parts.push([this.#partStart, this.at]);
  }

  #member(container: Container): boolean {
    return (
      ++container.size <= this.#limits.members ||
      this.#tooMuch('too-many-members', `more than ${this.#limits.members} members`, this.#pointer(-1))
    );
  }

  #decoded(start: number, end: number): string {
    const raw = this.#text.slice(start, end);
    if (!raw.includes('\\')) return raw;
    try {
      return JSON.parse(`"${raw}"`);
    } catch {
      return raw;
    }
  }

  #characters(text: string, path: string): void {
    if (text.includes('\0')) this.#violation('invalid-character', 'must not have the character U+0000', path);
    if (!text.isWellFormed())
      this.#violation('invalid-character', 'must not have half of a surrogate pair (U+D800 to U+DFFF)', path);
  }

  #tooMuch(code: string, what: string, path = this.#pointer()): false {
    this.#violation(code, `has ${what}`, path);
    return false;
  }

  #violation(code: string, message: string, path = this.#pointer()): void {
    if (this.violations.length >= MAX_LISTED) this.more++;
    else this.violations.push({ path, pointer: path, code, message });
  }

  /**
   * Returns the JSON pointer to the current position, or to one of the containers around it.
   *
   * @param count the number of containers, the outermost first; a negative number leaves out as many innermost ones
   */
  #pointer(count = this.#depth): string {
    return pointer(
      this.#containers
        .slice(0, this.#depth)
        .slice(0, count)
        .map(({ isObject, name, size }) => (isObject ? name : Math.max(0, size - 1))),
    );
  }
}

/** Returns the index of the closing quote; -1 when there is none. */
function closingQuote(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (before > from && text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return -1;
}

const ENDS: ReadonlySet<number> = new Set([COMMA, COLON, OPEN, CLOSE, BEGIN, END, QUOTE]);
const endsScalar = (character: number): boolean => character <= SPACE || ENDS.has(character);
