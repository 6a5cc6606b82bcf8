import { pointer } from '../../model/values/pointer.ts';
import type { ProblemViolation } from '../problem.ts';

/**
 * Finds parameters that contain U+0000.
 *
 * @param source the URL or form from which the parameters were read; they are searched only when it may contain U+0000
 */
export function nulViolations(source: string, parameters: unknown): ProblemViolation[] {
  if (!source.includes('%00') && !source.includes('\0')) return [];
  return Object.entries(parameters as Record<string, string>)
    .filter(([, value]) => value.includes('\0'))
    .map(([name]) => ({
      path: pointer([name]),
      code: 'invalid-character',
      message: 'must not have the character U+0000',
    }));
}
