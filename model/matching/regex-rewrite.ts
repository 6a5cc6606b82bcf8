/**
 * Computes how a rule's `rewrite.regex` changes a path. `explain` and Envoy's routes share this code.
 *
 * A path that reaches the rules has no dot segment and no run of slashes. A group may match a part of a segment, so the
 * new path could have one: with the pattern `/off(.*)` and the substitution `/x/\1`, `/off../admin` would become
 * `/x/../admin`. The edge rejects these paths before it rewrites them.
 */
import { LRUCache } from 'lru-cache';
import type { Pausable } from '../pausable.ts';
import { capturing } from '../regex/captures.ts';
import { groupsOf } from '../regex/groups.ts';
import { matchesSome, type TextSet } from '../regex/overlap.ts';
import { textSetOf } from '../regex/text-set.ts';
import { REFERENCE, type RegexRewrite } from '../route/regex-rewrite.ts';
import { canonicalReplacement } from './path.ts';
import { canonicalPattern } from './path-pattern.ts';
import { withoutDotSegments } from './path-set.ts';

/** A rewrite of the paths that a pattern matches as a whole. */
export interface PatternRewrite {
  kind: 'pattern';
  /** An RE2 pattern for whole paths. */
  pattern: string;
  /** The text before the first reference, the number of the group, the text before the next reference, and so on. */
  parts: readonly (string | number)[];
  /** An RE2 pattern for whole paths. It matches the paths that the edge rejects. */
  rejected?: string;
}

const known = new LRUCache<string, PatternRewrite>({ max: 500 });

/** Reads a rewrite. The result is kept, because its pattern is expensive to examine. */
export function patternRewrite({ pattern, substitution }: RegexRewrite): PatternRewrite {
  const key = JSON.stringify([pattern, substitution]);
  let rewrite = known.get(key);
  if (!rewrite) known.set(key, (rewrite = read(pattern, substitution)));
  return rewrite;
}

function read(written: string, substitution: string): PatternRewrite {
  const pattern = canonicalPattern(written);
  const pieces = substitution.split(REFERENCE);
  const parts = pieces.map((piece, index) =>
    index % 2 === 1 ? Number(piece) : canonicalReplacement(piece, index < pieces.length - 1),
  );
  const rejected = rejectedPaths(pattern, parts);
  return { kind: 'pattern', pattern, parts, ...(rejected !== undefined && { rejected }) };
}

/** @param path a normalised path, without its query */
export function* rewrittenByPattern({ pattern, parts }: PatternRewrite, path: string): Pausable<string> {
  const captured = yield* capturing(pattern, path);
  return captured ? parts.map((part) => (typeof part === 'number' ? captured[part]! : part)).join('') : path;
}

/** How far a path is inside its current segment: at its begin, after one or two dots, or after other text. */
type At = 'begin' | 'dot' | 'dots' | 'text';
const DOTS: Readonly<Record<At, readonly At[]>> = {
  begin: ['begin', 'dot', 'dots'],
  dot: ['dot', 'dots'],
  dots: ['dots'],
  text: [],
};
const DOT = String.raw`\.`;
/** A slash, which may be escaped, because applications may decode it. */
const SLASH = '(?:/|%2[fF]|%5[cC])';
const FROM_SLASH = '/.*';
/** The end of a segment or the beginning of its parameters. */
const END = '(?:/|;|%2[fF]|%5[cC]|%3[bB])';

/**
 * Reads more of a new path.
 *
 * @returns undefined when the path has a dot segment or two slashes in a row
 */
function after(at: At, text: string): At | undefined {
  for (const [piece] of text.matchAll(/%2f|%5c|%3b|[\s\S]/gi)) {
    const isSlash = /^(?:\/|%2f|%5c)$/i.test(piece);
    if (at === 'begin' && piece === '/') return undefined;
    if ((at === 'dot' || at === 'dots') && (isSlash || /^(?:;|%3b)$/i.test(piece))) return undefined;
    if (isSlash) at = 'begin';
    else at = piece !== '.' ? 'text' : at === 'begin' ? 'dot' : at === 'dot' ? 'dots' : 'text';
  }
  return at;
}

/**
 * Returns the pattern of the paths whose new path could have a dot segment or two slashes in a row. The path
 * has neither, so they can only be at the ends of what a group matches. A dot segment beside an escaped slash that the
 * client sent itself is left to the application, as without a rewrite. For each reference, the text of the group
 * is replaced by the texts that are dangerous in its place.
 */
function rejectedPaths(pattern: string, parts: readonly (string | number)[]): string | undefined {
  const groups = groupsOf(pattern);
  const whole = { start: 0, end: pattern.length, body: pattern };
  const found = new Set<string>();
  const possible = new Map<string, boolean>();
  let before: readonly At[] = ['text'];
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') {
      const reached = before.map((at) => after(at, part)).filter((at) => at !== undefined);
      before = [...new Set(reached)];
      continue;
    }
    const { start, end, body } = part === 0 ? whole : groups[part - 1]!;
    const isAtEnd = pattern.slice(end) === '';
    const takesSlash = isAtEnd && takesSlashFirst(pattern, start, body);
    const inPlace = (text: string) =>
      `${pattern.slice(0, takesSlash && text === FROM_SLASH ? start - 1 : start)}(?:${text})${pattern.slice(end)}`;
    // Whether the group matches this text in a path.
    const isPossible = (text: string): boolean => {
      const key = `${part} ${text}`;
      let known = possible.get(key);
      if (known === undefined)
        possible.set(key, (known = matchesSome(body, setOf(text)) && matchesSome(inPlace(text), withoutDotSegments)));
      return known;
    };
    const texts = dangerous(before, parts[index + 1] as string, index === parts.length - 2, isAtEnd).filter(isPossible);
    // No `FROM_SLASH` after a slash that is taken first, because no path has two slashes in a row.
    if (texts.length > 0) found.add(`(?:${inPlace(texts.join('|'))})`);
    before = [...DOTS.begin.filter((at) => ending(before, at).some(isPossible)), 'text'];
  }
  return found.size === 0 ? undefined : [...found].join('|');
}

/**
 * Whether `/?` before a group always takes a slash that is there, so that the group never begins with it: what follows
 * matches any rest of a path. A pattern with the flag `U` would take it last.
 */
const takesSlashFirst = (pattern: string, start: number, body: string): boolean =>
  body === '.*' && pattern.slice(0, start).endsWith('/?') && !/\(\?[a-z-]*U/.test(pattern);

/**
 * Lists the patterns of the texts that are dangerous between two texts of a substitution.
 *
 * @param before how far the new path can be before the reference
 * @param next the text after the reference
 * @param isLast whether the new path ends after `next`
 * @param isAtEnd whether the group matches up to the end of the path, which has no dot segment there
 */
function dangerous(before: readonly At[], next: string, isLast: boolean, isAtEnd: boolean): string[] {
  const breaks = (at: At): boolean => {
    const reached = after(at, next);
    return reached === undefined || (isLast && (reached === 'dot' || reached === 'dots'));
  };
  const texts: string[] = [];
  for (const at of before) {
    for (const [count, reached] of DOTS[at].entries()) {
      const dots = DOT.repeat(count);
      texts.push(reached === 'begin' ? FROM_SLASH : `${dots}${END}.*`);
      if (breaks(reached)) texts.push(dots);
    }
  }
  for (const [count, reached] of DOTS.begin.entries())
    if (breaks(reached) && !(isAtEnd && reached !== 'begin')) texts.push(`.*${SLASH}${DOT.repeat(count)}`);
  // The end of the text and the beginning of the next could become an escape.
  if (/^[0-9a-f]/i.test(next)) texts.push('.*%[0-9a-fA-F]?');
  return [...new Set(texts)];
}

/** Lists the patterns of the texts after which a new path is at a point. */
const ending = (before: readonly At[], at: At): string[] => [
  ...before.filter((each) => DOTS[each].includes(at)).map((each) => DOT.repeat(DOTS[each].indexOf(at))),
  `.*${SLASH}${DOT.repeat(DOTS.begin.indexOf(at))}`,
];

const sets = new Map<string, TextSet>();
function setOf(pattern: string): TextSet {
  let set = sets.get(pattern);
  if (!set) sets.set(pattern, (set = textSetOf(pattern)));
  return set;
}
