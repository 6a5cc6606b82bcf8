import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import ipaddr from 'ipaddr.js';

const A = 1;
const AAAA = 28;
const HEADER = 12;
const CODES = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };

/** How a name server fails: it answers with an error, or not at all. */
type Failure = 'SERVFAIL' | 'REFUSED' | 'silence';

/** A name server on loopback whose records a test can change: RFC 1035, A and AAAA only. */
export class NameServer {
  readonly #socket: Socket;
  readonly #addresses = new Map<string, string[]>();
  readonly #asked = new Map<string, number>();
  readonly #missed = new Map<string, number>();
  readonly #failing = new Map<string, Failure>();

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async start(): Promise<NameServer> {
    const socket = createSocket('udp4');
    const server = new NameServer(socket);
    socket.on('message', (query, from) => {
      const answer = server.#answer(query);
      if (answer) socket.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#socket.address() as AddressInfo).port;
  }

  /** The settings of an agent with this as the only name server. */
  get resolver() {
    return { agentEnv: { GATEHOUSE_NAME_SERVERS: `127.0.0.1:${this.port}` } };
  }

  /** Envoy's bootstrap with this as the only name server. */
  resolving<T extends object>(bootstrap: T): T {
    const address = { socket_address: { address: '127.0.0.1', port_value: this.port } };
    const typed_config = {
      '@type': 'type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig',
      resolvers: [address],
      dns_resolver_options: { no_default_search_domain: true },
    };
    return { ...bootstrap, typed_dns_resolver_config: { name: 'envoy.network.dns_resolver.cares', typed_config } };
  }

  /** Returns how often it was asked for a name since its addresses were set. */
  asked(name: string): number {
    return this.#asked.get(name) ?? 0;
  }

  /** Sets the addresses of a name, IPv4 or IPv6; none = the name does not exist. */
  set(name: string, ...addresses: string[]): void {
    this.#addresses.set(name, addresses);
    this.#asked.delete(name);
    this.#failing.delete(name);
  }

  /** Answers questions about a name with an error from now on, or not at all. */
  fail(name: string, failure: Failure): void {
    this.set(name);
    this.#failing.set(name, failure);
  }

  /** Returns how often it answered that a name does not exist. */
  missed(name: string): number {
    return this.#missed.get(name) ?? 0;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #answer(query: Buffer): Buffer | undefined {
    const { name, end } = question(query);
    const type = query.readUInt16BE(end - 4);
    const known = this.#addresses.get(name) ?? [];
    this.#asked.set(name, this.asked(name) + 1);
    if (known.length === 0) this.#missed.set(name, this.missed(name) + 1);
    const records = known.map((address) => ipaddr.parse(address)).filter((address) => typeOf(address) === type);
    const failure = this.#failing.get(name);
    if (failure === 'silence') return undefined;
    const code = failure ? CODES[failure] : known.length === 0 ? CODES.NXDOMAIN : 0;
    const header = Buffer.from(query.subarray(0, HEADER));
    // A response, authoritative; NXDOMAIN when there is no such name.
    header.writeUInt16BE(0x8400 | code, 2);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    return Buffer.concat([header, query.subarray(HEADER, end), ...records.map(record)]);
  }
}

const typeOf = (address: ipaddr.IPv4 | ipaddr.IPv6): number => (address.kind() === 'ipv4' ? A : AAAA);

function question(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER;
  while (query[at]! > 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    at += 1 + query[at]!;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

/** One record with a TTL of one second, for the name in the question. */
function record(address: ipaddr.IPv4 | ipaddr.IPv6): Buffer {
  const bytes = address.toByteArray();
  return Buffer.from([0xc0, HEADER, 0, typeOf(address), 0, 1, 0, 0, 0, 1, 0, bytes.length, ...bytes]);
}
