/** Origins of strangers that a pattern with the usual mistakes would allow. */

const SCHEMES = ['https://', 'http://'];
const PORTS = ['', ':8443'];

/** Sites that nobody lists. If a pattern matches one of them, it matches any site. */
const ANYBODY = ['stranger.invalid', 'a.b.c.stranger.invalid'];

/** Parts of a pattern that stand for themselves, and dots that someone may have meant to. */
const LITERALS = /(?:[A-Za-z0-9-](?![*+?{])|\\\.|\.(?![*+?{]))+/g;

/**
 * Lists origins that anybody could own and that a careless pattern matches: the end of a name after other letters
 * (`evilshop.example` for `.*shop\.example`), and names with a letter in place of a dot without a backslash
 * (`wwwxshop.example` for `www.shop\.example`).
 *
 * @example [...strangersOf('https://.*shop\\.example')].includes('https://evilshop.example') // true
 */
export function* strangersOf(pattern: string): Generator<string> {
  const hosts = [...ANYBODY];
  for (const [run] of pattern.replace(/^.*?:\/\//, '').matchAll(LITERALS)) {
    const parts = run.split(/(\\?\.)/);
    if (parts.length === 1) continue;
    const plain = parts.map((part) => (part === '\\.' ? '.' : part));
    if (plain.join('')[0] !== '.') hosts.push(`evil${plain.join('')}`, `evil-${plain.join('')}`);
    // A letter in place of the last dot would not be a name that somebody can own.
    for (let at = 1; at < parts.length - 2; at += 2)
      if (parts[at] === '.') {
        const host = plain.with(at, 'x').join('');
        hosts.push(host, `evil${host}`);
      }
  }
  for (const host of hosts) for (const scheme of SCHEMES) for (const port of PORTS) yield scheme + host + port;
}
