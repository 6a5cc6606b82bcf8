import { pointer } from '../../model/pointer.ts';
import type { ProblemViolation } from './problem.ts';

/**
 * Which parameters have U+0000, which PostgreSQL keeps in no text: refused on every database, so that none has what cannot move to another.
 *
 * @param url what they were read from; nearly always this is all that is looked at
 */
export function nulViolations(url: string, parameters: unknown): ProblemViolation[] {
  if (!url.includes('%00')) return [];
  return Object.entries(parameters as Record<string, string>)
    .filter(([, value]) => value.includes('\0'))
    .map(([name]) => ({
      path: pointer([name]),
      code: 'invalid-character',
      message: 'must not have the character U+0000',
    }));
}
