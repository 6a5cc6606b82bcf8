/** How long re2js may take over one pattern, estimated before it starts: in characters, with what is repeated counted as often. */
export const MAX_WORK = 12_000;

/** The tables of a property are long, and merged where it stands. */
const PROPERTY = 150;
/** An optional copy is a node of its own; the others share one. */
const OPTIONAL_COPY = 3;

const tokens =
  /\\Q[\s\S]*?(?:\\E|$)|\\[pP]|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\{(\d{1,8})(,?)(\d{0,8})\}|[\s\S]/g;

/** Linear in the pattern. Need not be exact: `programSize` is, afterwards. */
export function work(pattern: string): number {
  const groups = [0];
  let last = 0;
  const add = (amount: number) => {
    groups[groups.length - 1]! += amount;
    last = amount;
  };
  for (const [token, low, comma, high] of pattern.matchAll(tokens)) {
    if (token === '(') groups.push(0);
    else if (token === ')') add(1 + (groups.length > 1 ? groups.pop()! : 0));
    else if (low !== undefined) {
      const fixed = Number(low);
      const optional = comma ? Math.max(Number(high) - fixed, 1) : 0;
      const once = last;
      add(once * (Math.max(fixed + optional * OPTIONAL_COPY, 1) - 1));
      last += once;
    } else add(token.length + PROPERTY * (token.match(/\\[pP]/g)?.length ?? 0));
  }
  return groups.reduce((sum, each) => sum + each, 0);
}
