/** Names of fields in Istio's and others' files, with the name of the same field in this API. */
const elsewhere: Record<string, string> = {
  host: 'upstream',
  virtualService: 'route',
  authorityRewrite: 'authority',
  withoutHeader: 'withoutHeaders',
  queryParameters: 'queryParams',
  cert: 'certificateChain',
  certificate: 'certificateChain',
  key: 'privateKey',
  key_name: 'name',
};

/** The length of the longest word that is compared, because a comparison costs the square of the length. */
const LONGEST = 64;
/** The number of known words that are compared. It limits the cost for a user with very many resources. */
const CANDIDATES = 1000;

/**
 * Returns the known word that was probably meant by a misspelt one. Upper case, hyphens and underscores in `word` are
 * ignored. About one edit per three characters is accepted.
 *
 * @param known the valid words; only the first thousand are compared
 * @returns undefined when no known word is similar
 * @example suggest('gatways', ['hosts', 'gateways']) // 'gateways'
 */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const other = Object.hasOwn(elsewhere, word) ? elsewhere[word] : undefined;
  if (other && known.includes(other)) return other;
  if (word.length > LONGEST) return undefined;
  const lower = word.toLowerCase().replace(/[-_]/g, '');
  const reach = Math.max(1, Math.floor(lower.length / 3));
  let best: string | undefined;
  let least = reach + 1;
  for (const candidate of known.slice(0, CANDIDATES)) {
    const away = distance(lower, candidate.toLowerCase());
    if (away < least) [best, least] = [candidate, away];
  }
  return best;
}

/** Counts the edits that turn one short word into another. A swap of two neighbouring letters is one edit. */
function distance(a: string, b: string): number {
  if (b.length > LONGEST) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? before[j - 2]! + 1
          : Number.POSITIVE_INFINITY;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), swap);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
