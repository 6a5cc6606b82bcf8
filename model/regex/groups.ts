/** Finds the groups of a pattern whose text a substitution can use. */

/** A group that captures text. Its indexes are those of `String.slice`. */
export interface Group {
  /** The index of the opening parenthesis. */
  start: number;
  /** The index after the closing parenthesis. */
  end: number;
  /** The pattern inside the group. */
  body: string;
  /** Whether the group matches exactly once: it is not optional, repeated, in another group or in an alternative. */
  isOnce: boolean;
}

const tokens =
  /\\Q[\s\S]*?(?:\\E|$)|\\[pPx]\{[^}]*\}|\\[\s\S]|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]|\((?:\?(?:P?<\w+>|[imsU-]*[:)]))?|[\s\S]/g;

/**
 * Lists the groups of a pattern in the order of their numbers: the first is `\1`.
 *
 * @param pattern a pattern that RE2 accepts
 * @example groupsOf('/v([0-9]+)/(a|b)?').map(({ isOnce }) => isOnce) // [true, false]
 */
export function groupsOf(pattern: string): Group[] {
  const groups: Group[] = [];
  const open: { group: Group | undefined; bodyStart: number }[] = [];
  let hasAlternatives = false;
  for (const { 0: token, index } of pattern.matchAll(tokens)) {
    const after = index + token.length;
    if (token === '|' && open.length === 0) hasAlternatives = true;
    else if (token === ')') {
      const { group, bodyStart } = open.pop() ?? {};
      if (!group) continue;
      group.end = after;
      group.body = pattern.slice(bodyStart, index);
      group.isOnce &&= !/^(?:[*+?]|\{\d+,?\d*\})/.test(pattern.slice(after, after + 16));
    } else if (token.startsWith('(') && !token.endsWith(')')) {
      const group = /^\((?:\?P?<\w+>)?$/.test(token)
        ? { start: index, end: after, body: '', isOnce: open.length === 0 }
        : undefined;
      if (group) groups.push(group);
      open.push({ group, bodyStart: after });
    }
  }
  if (hasAlternatives) for (const group of groups) group.isOnce = false;
  return groups;
}
