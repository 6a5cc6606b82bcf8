/**
 * SHA-256 as one expression of SQLite, for D1, which has no hash function and accepts none from its client. FIPS 180-4,
 * https://doi.org/10.6028/NIST.FIPS.180-4, section 6.2; the names of the functions and variables are those of the
 * standard. A short text takes about a millisecond.
 */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';

/** The mask of a word, which has 32 bits. */
const WORD = 4294967295;

/** SQLite has no exclusive or. */
const xor = (a: string, b: string): string => `((${a} | ${b}) - (${a} & ${b}))`;
const xor3 = (a: string, b: string, c: string): string => xor(a, xor(b, c));
/** Rotates a word to the right. The bits above the word are undefined. */
const rotr = (n: number, x: string): string => `((${x} << 32 | ${x}) >> ${n})`;
const shr = (n: number, x: string): string => `(${x} >> ${n})`;
const sum = (...terms: string[]): string => `((${terms.join(' + ')}) & ${WORD})`;
const masked = (x: string): string => `(${x} & ${WORD})`;

const bigSigma0 = (x: string): string => masked(xor3(rotr(2, x), rotr(13, x), rotr(22, x)));
const bigSigma1 = (x: string): string => masked(xor3(rotr(6, x), rotr(11, x), rotr(25, x)));
const smallSigma0 = (x: string): string => masked(xor3(rotr(7, x), rotr(18, x), shr(3, x)));
const smallSigma1 = (x: string): string => masked(xor3(rotr(17, x), rotr(19, x), shr(10, x)));
const ch = (x: string, y: string, z: string): string => xor(`(${x} & ${y})`, `(~${x} & ${z})`);
const maj = (x: string, y: string, z: string): string => `((${x} & ${y}) | (${z} & (${x} | ${y})))`;

/** The first 32 bits of the fractional parts of the square or cube roots of the first primes. */
function roots(count: number, power: 2n | 3n): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes.map((prime) => {
    // The largest r with r^power ≤ prime · 2^(32·power); its low 32 bits are the fraction of the root.
    const target = BigInt(prime) << (32n * power);
    let [low, high] = [0n, 1n << 40n];
    while (low < high) {
      const middle = (low + high + 1n) >> 1n;
      if (middle ** power <= target) low = middle;
      else high = middle - 1n;
    }
    return Number(low & BigInt(WORD));
  });
}

const K = JSON.stringify(roots(64, 3n));
const VARIABLES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const HASH = VARIABLES.map((_, i) => `h${i}`);
const SCHEDULE = Array.from({ length: 16 }, (_, i) => `w${i}`);
/** The word of the message at an index. JSON5, which SQLite reads, has hexadecimal numbers. */
const word = (at: string): string => `('0x0' || substr(m, 8 * (${at}) + 1, 8)) ->> '$'`;

/**
 * Round t, with the last 16 words of the message schedule: w0 is the word of this round. A row has the state before its
 * round. The rows of a block have the hash of the blocks before it in h0 to h7.
 */
function round(): string {
  const isLast = 't % 64 = 63';
  const t1 = sum('h', bigSigma1('e'), ch('e', 'f', 'g'), `('${K}' ->> (t % 64))`, 'w0');
  const after = [sum(t1, bigSigma0('a'), maj('a', 'b', 'c')), 'a', 'b', 'c', sum('d', t1), 'e', 'f', 'g'];
  const hashed = HASH.map((each, i) => sum(each, after[i]!));
  const next = sum(smallSigma1('w14'), 'w9', smallSigma0('w1'), 'w0');
  return [
    't + 1',
    ...after.map((each, i) => `iif(${isLast}, ${hashed[i]}, ${each})`),
    ...HASH.map((each, i) => `iif(${isLast}, ${hashed[i]}, ${each})`),
    // The first 16 words of a block are the message. In the last round of a block, all words are those of the next one.
    ...SCHEDULE.map((_, i) => `iif(${isLast}, ${word(`(t + 1) / 4 + ${i}`)}, ${i < 15 ? `w${i + 1}` : next})`),
  ].join(', ');
}

const START = roots(8, 2n).join(', ');
const MESSAGE = `select h || '80' || substr('${'0'.repeat(128)}', 1, (238 - length(h) % 128) % 128) || printf('%016X', length(h) * 4)`;
const STATE = ['t', ...VARIABLES, ...HASH, ...SCHEDULE].join(', ');
const FIRST = SCHEDULE.map((_, i) => word(`${i}`)).join(', ');

/** The SHA-256 of a text in UTF-8, in lower-case hex. */
export const sha256InSql = (text: SQLWrapper): SQL<string> =>
  sql<string>`(with recursive
    message(m) as materialized (${sql.raw(MESSAGE)} from (select hex(cast(${text} as blob)) as h)),
    state(${sql.raw(STATE)}) as (
      select 0, ${sql.raw(START)}, ${sql.raw(START)}, ${sql.raw(FIRST)} from message
      union all select ${sql.raw(round())} from state, message where t < length(m) / 2)
    select printf('${sql.raw('%08x'.repeat(8))}', ${sql.raw(HASH.join(', '))}) from state order by t desc limit 1)`;
