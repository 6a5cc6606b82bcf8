import { pointer } from '../../model/values/pointer.ts';
import type { ProblemViolation } from '../problem.ts';

/**
 * Finds parameters that contain U+0000.
 *
 * @param url the URL from which the parameters were read; they are searched only when the URL may contain U+0000
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
