/**
 * Writes a path as a JSON pointer (RFC 6901).
 *
 * @example pointer(['http', 0, 'match']) // '/http/0/match'
 */
export const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${escapePart(String(part))}`).join('');

const escapePart = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');
