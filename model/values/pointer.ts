/** JSON pointers, RFC 6901. */
export const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${escapePart(String(part))}`).join('');

const escapePart = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');
