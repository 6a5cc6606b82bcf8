import { matchesSome, type TextSet } from '../regex/overlap.ts';
import { isEveryPath, type PathMatch, pathRegex } from './uri.ts';

/** A condition on paths. */
interface Paths {
  path: PathMatch;
  ignoresCase: boolean;
}

/**
 * Whether every path that a condition matches begins with a prefix. For a pattern, the result is false in doubt.
 *
 * @param outer the prefix: a condition of the kind `prefix` or `segments`
 * @example liesWithin(paths('/shop/cart'), paths('/shop')) // true
 */
export function liesWithin(inner: Paths, outer: Paths): boolean {
  if (isEveryPath(outer.path)) return true;
  if (outer.path.kind === 'regex' || outer.path.kind === 'exact') return false;
  if (inner.path.kind === 'regex')
    return !matchesSome(pathRegex(inner.path, inner.ignoresCase)!, outside(outer.path, outer.ignoresCase));
  if (inner.ignoresCase && !outer.ignoresCase) return false;
  const fold = (text: string) => (outer.ignoresCase ? text.toLowerCase() : text);
  const [path, prefix] = [fold(inner.path.path), fold(outer.path.path)];
  if (outer.path.kind === 'prefix') return path.startsWith(prefix);
  return path.startsWith(`${prefix}/`) || (path === prefix && inner.path.kind !== 'prefix');
}

const SLASH = 0x2f;

/** The texts that do not begin with a prefix. State n: the first n bytes are those of the prefix. */
function outside({ kind, path }: Exclude<PathMatch, { kind: 'regex' }>, ignoresCase: boolean): TextSet {
  const bytes = [...new TextEncoder().encode(path)];
  const differs = bytes.length + 1;
  const escapes = new Set<number>();
  for (const { index } of path.matchAll(/%[0-9A-F]{2}/gi)) escapes.add(index + 1).add(index + 2);
  const isNext = (at: number, byte: number) =>
    byte === bytes[at] || ((ignoresCase || escapes.has(at)) && lower(byte) === lower(bytes[at]!));
  return {
    states: bytes.length + 2,
    next(state, byte) {
      if (state === differs) return differs;
      // The whole prefix has been read, and what follows decides whether its last segment ends here.
      if (state === bytes.length) return byte === SLASH ? -1 : differs;
      if (!isNext(state, byte)) return differs;
      return kind === 'prefix' && state + 1 === bytes.length ? -1 : state + 1;
    },
    accepts: (state) => state !== bytes.length,
  };
}

/** Writes an ASCII letter in lower case. */
const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
