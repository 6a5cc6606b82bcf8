/** Parameters of punycode. https://www.rfc-editor.org/rfc/rfc3492#section-5 */
const [BASE, T_MIN, T_MAX, SKEW, DAMP, BIAS, FIRST] = [36, 1, 26, 38, 700, 72, 128];
const PREFIX = 'xn--';

/** Writes a domain in A-labels as people read it. A label that is no punycode stays as it is. */
export const unicodeOf = (name: string): string =>
  name
    .split('.')
    .map((label) => (label.startsWith(PREFIX) ? (decoded(label.slice(PREFIX.length)) ?? label) : label))
    .join('.');

/** Decodes punycode; undefined when the text is none. https://www.rfc-editor.org/rfc/rfc3492#section-6.2 */
function decoded(text: string): string | undefined {
  const end = text.lastIndexOf('-');
  const output = [...text.slice(0, Math.max(0, end))].map((each) => each.codePointAt(0)!);
  let [n, i, bias] = [FIRST, 0, BIAS];
  for (let at = end + 1; at < text.length; ) {
    const before = i;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = at < text.length ? digitOf(text.charCodeAt(at++)) : undefined;
      if (digit === undefined) return undefined;
      i += digit * weight;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = output.length + 1;
    bias = adapted(i - before, length, before === 0);
    n += Math.floor(i / length);
    i %= length;
    if (n > 0x10ffff) return undefined;
    output.splice(i++, 0, n);
  }
  return String.fromCodePoint(...output);
}

function digitOf(code: number): number | undefined {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  return code >= 0x30 && code <= 0x39 ? code - 0x30 + 26 : undefined;
}

/** https://www.rfc-editor.org/rfc/rfc3492#section-6.1 */
function adapted(delta: number, points: number, isFirst: boolean): number {
  let rest = Math.floor(isFirst ? delta / DAMP : delta / 2);
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
