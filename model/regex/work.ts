/** The work re2js may spend on one pattern, estimated before it starts, in about microseconds. */
export const MAX_WORK = 12_000;

/** A property has long tables, which are merged at each use. */
const PROPERTY = 250;
/** An optional copy has nodes of its own. */
const OPTIONAL_COPY = 3;

const tokens =
  /\\Q[\s\S]*?(?:\\E|$)|\\[pP]|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\((?:\?(?:P?<\w*>|[A-Za-z-]*:?))?|\{(\d{1,8})(,?)(\d{0,8})\}|[\s\S]/g;

/**
 * The characters of a pattern plus the nodes of its tree after counted repetitions are expanded. Linear in the pattern,
 * and approximate: `programSize` decides which patterns are too large.
 */
export function estimatedWork(pattern: string): number {
  const groups = [0];
  let last = 0;
  let properties = 0;
  const add = (nodes: number) => {
    groups[groups.length - 1]! += nodes;
    last = nodes;
  };
  for (const [token, low, comma, high] of pattern.matchAll(tokens)) {
    properties += token.startsWith('[') || /^\\[pP]/.test(token) ? (token.match(/\\[pP]/g)?.length ?? 0) : 0;
    if (token.startsWith('(')) groups.push(0);
    else if (token === ')') add(1 + (groups.length > 1 ? groups.pop()! : 0));
    else if (low !== undefined) {
      const [once, fixed] = [last, Number(low)];
      const optional = comma ? Math.max(Number(high) - fixed, 1) : 0;
      add(once * Math.max(fixed - 1, 0) + optional * (once + OPTIONAL_COPY));
      last += once;
    } else add(token.startsWith('\\Q') ? token.length : 1);
  }
  return pattern.length + PROPERTY * properties + groups.reduce((sum, each) => sum + each, 0);
}
