import { inSlices } from '../pace.ts';
import { Problem } from '../problem.ts';
import { type Limits, type Part, scan } from './scan.ts';

/** The length from which a text is parsed in slices, in characters. */
const SMALL = 65_536;

/**
 * Parses a body. It parses a large body in slices, so that other requests run in between.
 *
 * @throws Problem `malformed-json`
 * @throws Problem `invalid-request` when the content exceeds the limits, or when parsing would lose data
 */
export async function readJson(text: string, limits: Limits): Promise<unknown> {
  const { violations, more, parts } = await inSlices(scan(text, limits));
  if (violations.length > 0) throw new Problem('invalid-request', { detail: 'in the body', violations, more });
  return text.length <= SMALL ? parse(text) : inSlices(inParts(text, parts, limits.partDepth));
}

/**
 * Parses the parts of a text, and then its outline: the text with each part replaced by its number. The outline is
 * valid JSON only if the text is.
 */
function* inParts(text: string, parts: readonly Part[], depth: number): Generator<undefined, unknown> {
  let outline = '';
  let after = 0;
  for (const [index, [start, end]] of parts.entries()) {
    outline += text.slice(after, start) + index;
    after = end;
  }
  const whole = parsePart(outline + text.slice(after));
  yield;
  if (parts.length > 0) yield* replaceNumbers(whole, depth, (index) => parsePart(text.slice(...parts[index]!)));
  return whole;
}

/**
 * Replaces each number in the outline by its part. `depth` is the number of containers between `container` and a part.
 */
function* replaceNumbers(container: unknown, depth: number, part: (index: number) => unknown): Generator<undefined> {
  if (typeof container !== 'object' || container === null) return;
  const members = container as Record<string, unknown>;
  for (const key of Object.keys(members)) {
    if (depth > 1) yield* replaceNumbers(members[key], depth - 1, part);
    else {
      members[key] = part(members[key] as number);
      yield;
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem('malformed-json', { detail: (cause as Error).message.slice(0, 200), cause });
  }
}

/**
 * Parses one part. An error position inside the part would be meaningless to the client, so the error does not contain
 * it.
 */
function parsePart(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = (cause as Error).message.replace(/ (?:in JSON )?at (?:line|position) .*$/, '').slice(0, 200);
    throw new Problem('malformed-json', { detail, cause });
  }
}
