import type { ProblemViolation } from './problem.ts';

/**
 * Where a parsed value has U+0000, which PostgreSQL keeps in no text: refused on every database, so that none has what cannot move to another.
 *
 * @param source what it was parsed from; nearly always this is all that is looked at
 */
export function nulViolations(source: string, value: unknown, body: boolean): ProblemViolation[] {
  if (!source.includes(body ? '\\u0000' : '%00')) return [];
  return [...pathsOfNul(value, '')].map((path) => ({
    path,
    ...(body && { pointer: path }),
    code: 'invalid-character',
    message: 'must not have the character U+0000',
  }));
}

function* pathsOfNul(value: unknown, path: string): Generator<string> {
  if (typeof value === 'string' && value.includes('\0')) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (key.includes('\0')) yield path;
    else yield* pathsOfNul(member, at);
  }
}
