/**
 * Letters of other scripts that look like Latin ones, with the letters that they resemble. The rows are those of Unicode's
 * confusables that fonts of browsers draw alike. https://www.unicode.org/reports/tr39/#Confusable_Detection
 */
const LOOKALIKES = new Map(
  Object.entries({
    ...{ a: 'аɑα', b: 'ьƅ', c: 'сϲ', d: 'ԁ', e: 'еҽ', f: 'ғ', g: 'ɡց', h: 'һհ', i: 'іıɩι', j: 'јϳ', k: 'кκ', l: 'ӏ' },
    ...{ m: 'м', n: 'ոпη', o: 'оοօ', p: 'рρ', q: 'ԛզ', r: 'г', s: 'ѕꜱ', t: 'тτ', u: 'սυ', v: 'ѵν', w: 'ԝ', x: 'хχ' },
    ...{ y: 'уүγ', z: 'ᴢ' },
  }).flatMap(([letter, others]) => [...others].map((other) => [other, letter] as const)),
);

/** Scripts that are written together. https://www.unicode.org/reports/tr39/#Restriction_Level_Detection */
const TOGETHER = [
  /^[\p{sc=Latin}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]+$/u,
  /^[\p{sc=Latin}\p{sc=Han}\p{sc=Bopomofo}]+$/u,
  /^[\p{sc=Latin}\p{sc=Han}\p{sc=Hangul}]+$/u,
];
const SCRIPTS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Cherokee',
  'Hebrew',
  'Arabic',
  'Georgian',
  'Thai',
  'Devanagari',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Bopomofo',
].map((name) => new RegExp(`\\p{sc=${name}}`, 'u'));

/**
 * Returns what an international name may be confused with.
 *
 * @param unicode the name in U-labels
 * @returns the name in Latin letters that it looks like; the name itself when a label mixes scripts that are not written
 *   together; undefined for other names
 * @example lookalike('аррӏе.com') // 'apple.com'
 */
export function lookalike(unicode: string): string | undefined {
  if (/^[ -~]*$/.test(unicode)) return undefined;
  const plain = [...unicode.normalize('NFD').replaceAll(/\p{M}/gu, '')]
    .map((each) => LOOKALIKES.get(each) ?? each)
    .join('');
  const foreign = unicode.split('.').some((label) => [...label].some((each) => LOOKALIKES.has(each)));
  if (foreign && /^[ -~]*$/.test(plain)) return plain;
  return unicode.split('.').some(isMixed) ? unicode : undefined;
}

function isMixed(label: string): boolean {
  const letters = label.replaceAll(/[\p{sc=Common}\p{sc=Inherited}]/gu, '');
  return SCRIPTS.filter((script) => script.test(letters)).length > 1 && !TOGETHER.some((group) => group.test(letters));
}
