/** What people who come from Istio's files write for a field that has another name here. */
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

/** No name is longer. A comparison costs the square of the length. */
const LONGEST = 64;
/** Among more words, a similar one no longer indicates what was meant. */
const CANDIDATES = 1000;

/**
 * The known word that was probably meant.
 *
 * @returns undefined when no known word is similar
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

/** Edits between two short words; two swapped letters count as one. */
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
