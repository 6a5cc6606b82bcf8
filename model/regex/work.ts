/** The largest {@link estimatedWork} of a pattern. One unit takes re2js about a microsecond. */
export const MAX_WORK = 12_000;

/** The work per property, such as `\p{L}`. re2js merges long tables at each use. */
const PROPERTY = 250;
/** The additional nodes per optional copy of a counted repetition. */
const OPTIONAL_COPY = 3;

const tokens =
  /\\Q[\s\S]*?(?:\\E|$)|\\[pP]|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\((?:\?(?:P?<\w*>|[A-Za-z-]*:?))?|\{(\d{1,8})(,?)(\d{0,8})\}|[\s\S]/g;

/**
 * Estimates the work of re2js for a pattern, before re2js parses it: the characters of the pattern, plus the nodes of
 * its tree after counted repetitions are expanded. The estimate takes time linear in the length of the pattern. It is
 * approximate, so `programSize` decides later which patterns are too large.
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
