import type { z } from 'zod';
import { MAX_PATTERN } from '../regex/regex.ts';
import { estimatedWork } from '../regex/work.ts';
import { isObject } from '../values/refine.ts';

/** The largest work for all patterns of one route, in the unit of `estimatedWork`. */
const MAX_PATTERNS = 50_000;
/** The additional work per pattern, however short it is. */
const ONE_PATTERN = 10;

/**
 * Rejects a route whose patterns would take long to check, before any of them is checked. It is a function for
 * `z.preprocess`, so the input may have any shape.
 *
 * @returns the input, unchanged
 */
export function boundPatterns(route: unknown, context: z.core.$RefinementCtx): unknown {
  let sum = 0;
  for (const pattern of patternsOf(route)) {
    // The schema rejects longer patterns without parsing them.
    if (pattern.length <= MAX_PATTERN) sum += ONE_PATTERN + estimatedWork(pattern);
    if (sum <= MAX_PATTERNS) continue;
    context.addIssue({
      code: 'custom',
      path: ['http'],
      message: 'contains too many or too large regular expressions; write shorter ones, or several routes',
      params: { code: 'too-big' },
    });
    break;
  }
  return route;
}

/** Returns a list, because generators would make every write of a route slower, and most routes have no pattern. */
function patternsOf(route: unknown): string[] {
  const found: string[] = [];
  for (const rule of items(isObject(route) && route.http)) {
    if (!isObject(rule)) continue;
    for (const match of items(rule.match)) addPatterns(found, match);
    addRewrite(found, rule);
    for (const entry of items(rule.route)) if (isObject(entry)) addRewrite(found, entry);
    if (rule.cors !== undefined) addPatterns(found, rule.cors);
  }
  return found;
}

/** How many patterns of conditions take as long to check as the pattern of a rewrite, whose groups are examined too. */
const ONE_REWRITE = 12;

function addRewrite(found: string[], { rewrite }: { rewrite?: unknown }): void {
  const regex = isObject(rewrite) && rewrite.regex;
  if (isObject(regex) && typeof regex.pattern === 'string')
    found.push(...Array<string>(ONE_REWRITE).fill(regex.pattern));
}

const NONE: readonly unknown[] = [];
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : NONE);

/** These stand for the pattern that is made from a range of addresses. IPv6 has many ways to write an address. */
const ONE_RANGE = { ipv4: '.'.repeat(25), ipv6: '.'.repeat(200) };

/** Adds every pattern inside a condition. Every condition on a text has its pattern as `regex`. */
function addPatterns(found: string[], value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key in value) {
    const member: unknown = value[key as keyof typeof value];
    if (key === 'regex' && typeof member === 'string') found.push(member);
    else if (key === 'source')
      for (const cidr of items(member)) found.push(ONE_RANGE[String(cidr).includes(':') ? 'ipv6' : 'ipv4']);
    else addPatterns(found, member);
  }
}
