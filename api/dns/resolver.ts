import { parseIp } from '../../model/values/address.ts';
import { rangeContaining } from '../../model/values/cidr.ts';
import { type Answered, Lookup, type LookupOptions } from './lookup.ts';
import type { Question } from './message.ts';
import { ROOTS } from './roots.ts';
import type { DnsTransport, ServerAddress } from './transport.ts';

/** The time of one lookup, in ms. */
const LOOKUP_MS = 12_000;
const DNS_PORT = 53;

/**
 * Finds what authoritative name servers say about a name. It begins at the root servers, follows referrals, and asks
 * all servers of the zone of the name. It never uses an answer from a cache, neither its own nor of another
 * resolver.
 */
export class Resolver {
  readonly #options: LookupOptions;

  /**
   * @param roots the servers at which lookups begin; by default the root servers of the internet. All other servers
   *   have the port of the first. Without roots of its own, a lookup asks no server in a private network.
   */
  constructor(transport: DnsTransport, roots: readonly ServerAddress[] = []) {
    const addresses = roots.length > 0 ? roots.map(({ address }) => address) : ROOTS;
    this.#options = {
      transport,
      roots: addresses.map((address) => ({ name: address, addresses: [address] })),
      port: roots[0]?.port ?? DNS_PORT,
      isAllowed: roots.length > 0 ? () => true : isPublic,
    };
  }

  /**
   * Asks the authoritative servers of a name.
   *
   * @throws Undecided when too few servers answer, or a zone on the way cannot be found
   */
  authoritative(question: Question): Promise<Answered> {
    return new Lookup(this.#options, AbortSignal.timeout(LOOKUP_MS)).find(question);
  }
}

/** Whether an address is one of the internet. A domain must not lead queries into private networks. */
const isPublic = (address: string): boolean =>
  parseIp(address)?.range() === 'unicast' && rangeContaining(address, INSIDE) === undefined;

/** Networks that are not on the internet. IPv6 addresses of every range may contain one of them. */
const INSIDE = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.168.0.0/16', '224.0.0.0/3'],
];

/** Parses `address`, `address:port` or `[address]:port`; undefined when the text is none. */
export function parseServer(text: string): ServerAddress | undefined {
  const [, six, plain, port] = /^(?:\[([^\]]+)\]|([^:]+|[^[\]]*:[^[\]]*:[^[\]]*?))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = six ?? plain;
  if (address === undefined || !parseIp(address)) return undefined;
  return { address, port: port === undefined ? DNS_PORT : Number(port) };
}
