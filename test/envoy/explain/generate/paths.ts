/** Generates paths, as rules and as clients write them. */
import fc from 'fast-check';
import { of, texts } from './values.ts';

const plain = of('/', '/', '/', 'a', 'a', 'b', 'ab', 'A', '1', '.', '~', '-');
const odd = of(
  ...['//', '..', '/../', '/./', ';', ';p=1', '%2f', '%2F', '%5c', '\\', '%41', '%61', '%2e', '%2E', '%3b', '%', '%%'],
  ...['caf%C3%A9', 'caf%c3%a9', '%7e', '|', '"', '^', '{', '%20', '+', '%25', '%0a', "'", '*', '$&', '\\1', '%zz', ','],
);
const piece = fc.oneof({ arbitrary: plain, weight: 4 }, { arbitrary: odd, weight: 1 });
/** A path in a configuration, or a typical one in a request. */
export const written = texts(piece, 4).map((all) => `/${all}`);
const bad = of('é', '#x', '%00', '\tx', '\x7f', ' x', '\t', '\t\t', ' ', '\t ', ' \t');
/** A path in a request, in any spelling. */
export const requested = fc.oneof(
  { arbitrary: texts(piece, 6).map((all) => `/${all}`), weight: 12 },
  { arbitrary: fc.tuple(written, bad).map(([path, more]) => path + more), weight: 1 },
  { arbitrary: of('*', 'x', 'a/b', '/', '//', '///'), weight: 1 },
);
