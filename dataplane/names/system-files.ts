import { readFile } from 'node:fs/promises';

/** What the files of the machine say about names. */
export interface SystemFiles {
  /** The addresses in `/etc/hosts`, by name in lower case. */
  hosts: ReadonlyMap<string, readonly string[]>;
  /** The search domains of `/etc/resolv.conf`. */
  search: readonly string[];
  /** A name with at least this number of dots is tried without a search domain first. */
  dots: number;
  /** The text of `/etc/resolv.conf`: another text may name other name servers. */
  resolvConf: string;
}

const VALID_MS = 5_000;
/** The length of the longest DNS name, without a dot at its end. */
const LONGEST = 253;

/** Reads `/etc/hosts` and `/etc/resolv.conf`, at most once in five seconds. A file that cannot be read counts as empty. */
export function systemFiles(): () => Promise<SystemFiles> {
  let read: { at: number; files: Promise<SystemFiles> } | undefined;
  return () => {
    const now = performance.now();
    if (!read || now - read.at > VALID_MS) read = { at: now, files: readBoth() };
    return read.files;
  };
}

/** Lists the names to ask for, in order, as resolv.conf(5) describes it. */
export function candidates(host: string, { search, dots }: Pick<SystemFiles, 'search' | 'dots'>): string[] {
  const name = host.replace(/\.$/, '');
  if (host.endsWith('.') || search.length === 0) return [name];
  const searched = search
    .map((domain) => `${name}.${domain.replace(/^\.|\.$/g, '')}`)
    .filter((each) => each.length <= LONGEST);
  return name.split('.').length - 1 >= dots ? [name, ...searched] : [...searched, name];
}

async function readBoth(): Promise<SystemFiles> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => '');
  return parse(...(await Promise.all([read('/etc/hosts'), read('/etc/resolv.conf')])));
}

/** Parses the texts of hosts(5) and resolv.conf(5). */
export function parse(hostsFile: string, resolvConf: string): SystemFiles {
  const hosts = new Map<string, string[]>();
  for (const [address, ...aliases] of wordsOf(hostsFile))
    for (const alias of aliases) {
      const key = alias.toLowerCase();
      hosts.set(key, [...(hosts.get(key) ?? []), address!]);
    }
  let [search, dots]: [string[], number] = [[], 1];
  for (const [keyword, ...words] of wordsOf(resolvConf)) {
    if (keyword === 'search' || keyword === 'domain') search = words.filter((domain) => domain !== '.');
    const option = keyword === 'options' ? words.find((word) => word.startsWith('ndots:')) : undefined;
    if (option) dots = Number(option.slice('ndots:'.length)) || 0;
  }
  return { hosts, search, dots, resolvConf };
}

function wordsOf(text: string): string[][] {
  return text.split('\n').flatMap((line) => {
    const words = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    return words[0] ? [words] : [];
  });
}
