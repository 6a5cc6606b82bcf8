import { pointer } from '../../model/values/pointer.ts';
import type { ProblemViolation } from '../problem.ts';

/**
 * @param url the URL that the parameters were read from; the parameters are only searched when it may contain U+0000
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
