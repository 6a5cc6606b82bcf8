import { promises } from 'node:dns';
import { addressKind } from '../../model/values/address.ts';
import { candidates, type SystemFiles, systemFiles } from './system-files.ts';

/** The addresses of a name, and for how long they are valid. */
export interface Answer {
  addresses: readonly string[];
  /** In seconds. */
  ttl: number;
}

/** A lookup without an answer. Its message completes "the name …". */
export class Unresolved extends Error {}

/** How long addresses from `/etc/hosts` are valid, in seconds: the agent reads the file again after this time. */
const LOCAL_TTL = 5;
/** c-ares doubles the time for the second attempt. */
const ATTEMPTS = { timeout: 1_500, tries: 2 };

/** A name that does not exist, or that has no record of the type. c-ares reports both as errors. */
const [NO_NAME, NO_RECORD] = ['ENOTFOUND', 'ENODATA'];
const REASONS: Readonly<Record<string, string>> = {
  [NO_NAME]: 'does not exist (NXDOMAIN)',
  [NO_RECORD]: 'has no addresses',
  ESERVFAIL: 'cannot be resolved: the name server failed (SERVFAIL)',
  EREFUSED: 'cannot be resolved: the name server refused the question (REFUSED)',
  ETIMEOUT: 'cannot be resolved: no name server answered in time',
  ECONNREFUSED: 'cannot be resolved: no name server can be reached',
};

/** Resolves names with the files and the name servers of the machine. */
export class NameResolver {
  readonly #servers: readonly string[] | undefined;
  readonly #files: () => Promise<SystemFiles>;
  #resolver: promises.Resolver | undefined;
  #resolvConf: string | undefined;

  /**
   * @param servers name servers, as `address` or `address:port`; by default those of `/etc/resolv.conf`, which is read
   *   again when it changes
   */
  constructor(servers: readonly string[] | undefined, files = systemFiles()) {
    this.#servers = servers;
    this.#files = files;
  }

  /**
   * Resolves a name with the hosts file, the search domains and the name servers. IPv6 addresses count only when the name
   * has no IPv4 address, because a machine without IPv6 could not use them.
   *
   * @throws Unresolved when the name has no addresses, or the name servers do not answer
   */
  async resolve(host: string): Promise<Answer> {
    const files = await this.#files();
    const own = local(host.toLowerCase().replace(/\.$/, ''), files);
    if (own) return { addresses: own, ttl: LOCAL_TTL };
    const resolver = this.#current(files);
    const codes = new Set<string>();
    for (const name of candidates(host, files)) {
      const found = await ask(resolver, name);
      if (typeof found !== 'string') return found;
      codes.add(found);
      // Like the C library, continues with the next search domain after a failure of one domain's servers.
      if (![NO_NAME, NO_RECORD, 'ESERVFAIL'].includes(found)) break;
    }
    const code = [...codes].find((each) => each !== NO_NAME && each !== NO_RECORD) ?? [...codes].pop()!;
    throw new Unresolved(REASONS[code] ?? `cannot be resolved: ${code}`);
  }

  close(): void {
    this.#resolver?.cancel();
  }

  #current({ resolvConf }: SystemFiles): promises.Resolver {
    if (this.#resolver && (this.#servers || this.#resolvConf === resolvConf)) return this.#resolver;
    // Questions that are under way with the previous one end there.
    this.#resolver = new promises.Resolver(ATTEMPTS);
    this.#resolvConf = resolvConf;
    if (this.#servers) this.#resolver.setServers(this.#servers);
    return this.#resolver;
  }
}

function local(name: string, { hosts }: SystemFiles): string[] | undefined {
  const found = (hosts.get(name) ?? []).filter((address) => isIp(address));
  if (found.length > 0) return preferred(found);
  // https://www.rfc-editor.org/rfc/rfc6761#section-6.3
  return name === 'localhost' || name.endsWith('.localhost') ? ['127.0.0.1'] : undefined;
}

/** Returns the addresses of a name, or the code of the error. */
async function ask(resolver: promises.Resolver, name: string): Promise<Answer | string> {
  const four = await query(() => resolver.resolve4(name, { ttl: true }));
  return four === NO_RECORD ? query(() => resolver.resolve6(name, { ttl: true })) : four;
}

async function query(work: () => Promise<{ address: string; ttl: number }[]>): Promise<Answer | string> {
  try {
    const records = await work();
    if (records.length === 0) return NO_RECORD;
    return { addresses: records.map(({ address }) => address), ttl: Math.min(...records.map(({ ttl }) => ttl)) };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

const isIp = (address: string): boolean => ['ipv4', 'ipv6'].includes(addressKind(address) ?? '');

function preferred(addresses: readonly string[]): string[] {
  const four = addresses.filter((address) => addressKind(address) === 'ipv4');
  return four.length > 0 ? four : [...addresses];
}
