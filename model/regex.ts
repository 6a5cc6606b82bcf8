/**
 * Patterns run in Envoy by RE2, which has neither look-around nor back-references. We say so when the pattern is written, instead of
 * letting Envoy reject the route; and translate to JavaScript where a request is explained.
 */
export const MAX_PATTERN = 1024;
/** RE2's own bound on counted repetition, nested ones multiplied. */
const MAX_REPEAT = 1000;

const posixClass: Record<string, string> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/** Why RE2 would refuse the pattern, or undefined. */
export function refusedByRe2(pattern: string): string | undefined {
  const translated = translate(pattern);
  return 'error' in translated ? translated.error : undefined;
}

/** The same pattern for JavaScript, matching the whole text as Envoy does. */
export function toRegExp(pattern: string, ignoreCase = false): RegExp {
  const translated = translate(pattern);
  if ('error' in translated) throw new RangeError(translated.error);
  return new RegExp(
    `^(?:${translated.source})$`,
    `u${ignoreCase || translated.ignoreCase ? 'i' : ''}${translated.dotAll ? 's' : ''}`,
  );
}

type Translated = { source: string; ignoreCase: boolean; dotAll: boolean } | { error: string };

const forbidden: [RegExp, string][] = [
  [/^\(\?<?[=!]/, 'look-around (`(?=`, `(?!`, `(?<=`, `(?<!`) does not exist in RE2'],
  [/^\(\?>/, 'atomic groups do not exist in RE2'],
  [/^\\[1-9]|^\\k/, 'back-references do not exist in RE2'],
  [/^\\[QEGCK]/, 'this escape is not supported here; write the characters out'],
  [/^(?:[*+?]|\{\d+(?:,\d*)?\})\+/, 'possessive quantifiers do not exist in RE2'],
];

function translate(pattern: string): Translated {
  let source = '';
  let rest = pattern;
  let ignoreCase = false;
  let dotAll = false;
  const flags = /^\(\?([is]+)\)/.exec(rest);
  if (flags) {
    ignoreCase = flags[1]!.includes('i');
    dotAll = flags[1]!.includes('s');
    rest = rest.slice(flags[0].length);
  }
  while (rest !== '') {
    const hit = forbidden.find(([token]) => token.test(rest));
    if (hit) return { error: hit[1] };
    const [token, js] = rest.startsWith('[') ? characterClass(rest) : next(rest);
    if (js === undefined) return { error: `RE2 does not understand ${JSON.stringify(token)}` };
    source += js;
    rest = rest.slice(token.length);
  }
  const repeats = repetition(source);
  if (repeats > MAX_REPEAT) return { error: `repetitions multiply to ${repeats}; RE2 allows ${MAX_REPEAT}` };
  try {
    new RegExp(source, 'u');
  } catch (cause) {
    return {
      error: `is not a regular expression: ${cause instanceof Error ? cause.message.replace(/^.*: /, '') : cause}`,
    };
  }
  return { source, ignoreCase, dotAll };
}

/** One token outside a character class, and its JavaScript form. */
function next(rest: string): [token: string, js: string | undefined] {
  const group = /^\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>/.exec(rest);
  if (group) return [group[0], `(?<${group[1]}>`];
  const modifiers = /^\(\?([ims]+):/.exec(rest);
  if (modifiers) return [modifiers[0], modifiers[0]];
  if (rest.startsWith('(?') && !rest.startsWith('(?:')) return [rest.slice(0, 4), undefined];
  if (rest.startsWith('\\A')) return ['\\A', '^'];
  if (rest.startsWith('\\z')) return ['\\z', '$'];
  if (rest.startsWith('\\')) return escaped(rest);
  const lone = /^[\]}]/.exec(rest);
  if (lone) return [lone[0], `\\${lone[0]}`];
  const counted = /^\{\d+(,\d*)?\}/.exec(rest);
  if (counted) return [counted[0], counted[0]];
  if (rest.startsWith('{')) return ['{', '\\{'];
  const character = String.fromCodePoint(rest.codePointAt(0)!);
  return [character, character];
}

function escaped(rest: string): [token: string, js: string | undefined] {
  const known = /^\\(?:[dDwWsSbBfnrtv]|x[0-9A-Fa-f]{2}|[pP](?:\{\^?\w+\}|\w))/.exec(rest);
  if (known) return [known[0], known[0].replace(/^\\([pP])(\w)$/, '\\$1{$2}')];
  const code = /^\\x\{([0-9A-Fa-f]{1,6})\}/.exec(rest);
  if (code) return [code[0], `\\u{${code[1]}}`];
  const literal = /^\\([^A-Za-z0-9])/u.exec(rest);
  // In JavaScript's unicode mode only syntax characters may be escaped.
  if (literal)
    return [
      literal[0],
      /[\^$\\.*+?()[\]{}|/]/.test(literal[1]!) ? literal[0] : literal[1] === '-' ? '\\x2d' : literal[1]!,
    ];
  return [rest.slice(0, 2), undefined];
}

function characterClass(rest: string): [token: string, js: string | undefined] {
  let at = rest.startsWith('[^') ? 2 : 1;
  let js = rest.slice(0, at);
  // A bracket straight after the opening one is a member, not the end.
  for (let first = true; at < rest.length; first = false) {
    const tail = rest.slice(at);
    const posix = /^\[:(\w+):\]/.exec(tail);
    if (posix) {
      js += posixClass[posix[1]!] ?? '';
      at += posix[0].length;
    } else if (tail.startsWith(']') && !first) {
      return [rest.slice(0, at + 1), `${js}]`];
    } else if (tail.startsWith('\\')) {
      const [token, form] = escaped(tail);
      if (form === undefined) return [token, undefined];
      js += form;
      at += token.length;
    } else {
      const character = String.fromCodePoint(tail.codePointAt(0)!);
      js += character === '[' || character === ']' ? `\\${character}` : character;
      at += character.length;
    }
  }
  return [rest, undefined];
}

/** The largest product of nested counted repetitions. */
function repetition(source: string): number {
  const inner: number[] = [1];
  let closed = 1;
  let largest = 1;
  for (const [token, , low, high] of source.matchAll(
    /\\.|\[(?:\\.|[^\]\\])*\]|(\{(\d+)(?:,(\d*))?\})|[()]|[^\\[{()]/gsu,
  )) {
    if (token === '(') inner.push(1);
    else if (token === ')') closed = inner.length > 1 ? inner.pop()! : 1;
    else if (low !== undefined) closed *= Math.max(Number(low), Number(high || low), 1);
    else closed = 1;
    inner[inner.length - 1] = Math.max(inner.at(-1)!, closed);
    largest = Math.max(largest, closed);
  }
  return largest;
}
