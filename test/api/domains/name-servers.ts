import { createSocket, type Socket } from 'node:dgram';
import { type AddressInfo, createServer, type Server } from 'node:net';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  type Question,
  streamEncode,
} from 'dns-packet';
import { freePort } from '../../e2e/stack.ts';

const CODES = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };
const TRUNCATED = 0x200;

interface Zone {
  name: string;
  records: Answer[];
}

/** One name server on loopback, over UDP and TCP, with the zones that a test gives it. */
class NameServer {
  readonly address: string;
  readonly #udp: Socket;
  readonly #tcp: Server;
  zones: Zone[] = [];
  /** How it misbehaves. */
  fault?: 'SERVFAIL' | 'silence' | 'silent UDP' | 'truncates' | 'forged first' | 'cached' | 'lower case';
  asked = 0;

  private constructor(address: string, udp: Socket, tcp: Server) {
    this.address = address;
    this.#udp = udp;
    this.#tcp = tcp;
  }

  static async start(address: string, port: number): Promise<NameServer> {
    const udp = createSocket('udp4');
    await new Promise<void>((resolve, reject) => udp.once('error', reject).bind(port, address, resolve));
    const tcp = createServer();
    const server = new NameServer(address, udp, tcp);
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen(port, address, resolve);
    });
    udp.on('message', (query, from) => {
      for (const reply of server.#overUdp(query)) udp.send(reply, from.port, from.address);
    });
    tcp.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.on('data', (data: Buffer) => {
        const reply = server.#answer(decode(data.subarray(2)));
        if (reply) socket.write(streamEncode(reply));
      });
    });
    return server;
  }

  get port(): number {
    return (this.#udp.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#udp.close(resolve));
    this.#tcp.close();
  }

  #overUdp(query: Buffer): Buffer[] {
    const reply = this.fault === 'silent UDP' ? undefined : this.#answer(decode(query));
    if (!reply) return [];
    if (this.fault === 'truncates') return [encode({ ...reply, flags: reply.flags! | TRUNCATED, answers: [] })];
    // Of one who does not see the query: another id, or the question in other letters.
    const forged = { ...reply, answers: reply.answers!.map((each) => ({ ...each, data: 'forged' }) as Answer) };
    const question = { ...reply.questions![0]!, name: reply.questions![0]!.name.toLowerCase() };
    if (this.fault === 'forged first')
      return [encode({ ...forged, id: reply.id! ^ 1 }), encode({ ...forged, questions: [question] }), encode(reply)];
    return [encode(this.fault === 'lower case' ? { ...reply, questions: [question] } : reply)];
  }

  #answer({ id, questions }: Packet): Packet | undefined {
    this.asked++;
    const question = questions![0]!;
    if (this.fault === 'silence') return undefined;
    const base = { type: 'response' as const, id: id!, questions: [question], answers: [] };
    if (this.fault === 'SERVFAIL') return { ...base, flags: CODES.SERVFAIL };
    const answer = this.#lookUp(question);
    return { ...base, ...answer, flags: answer.flags & (this.fault === 'cached' ? ~AUTHORITATIVE_ANSWER : -1) };
  }

  #lookUp({ name: asked, type }: Question): Packet & { flags: number; answers: Answer[] } {
    const name = asked.toLowerCase();
    const within = (zone: string) => zone === '' || name === zone || name.endsWith(`.${zone}`);
    const zone = this.zones.filter((each) => within(each.name)).sort((a, b) => b.name.length - a.name.length)[0];
    if (!zone) return { flags: CODES.REFUSED, answers: [] };
    const cut = zone.records.filter((each) => each.type === 'NS' && each.name !== zone.name && within(each.name));
    if (cut.length > 0) {
      const glue = zone.records.filter(
        (each) => each.type === 'A' && cut.some((ns) => 'data' in ns && ns.data === each.name),
      );
      return { flags: 0, answers: [], authorities: cut, additionals: glue };
    }
    const own = zone.records.filter((each) => each.name === name);
    const answers = own.filter((each) => each.type === type || each.type === 'CNAME');
    return { flags: AUTHORITATIVE_ANSWER | (own.length > 0 ? CODES.NOERROR : CODES.NXDOMAIN), answers };
  }
}

export const txt = (name: string, data: string): Answer => ({ type: 'TXT', name, data: [data], ttl: 300 });
export const cname = (name: string, data: string): Answer => ({ type: 'CNAME', name, data, ttl: 300 });
export const ns = (name: string, data: string): Answer => ({ type: 'NS', name, data, ttl: 300 });
export const a = (name: string, data: string): Answer => ({ type: 'A', name, data, ttl: 300 });

/**
 * A small internet: a root server, a server of the zone `test`, and three servers of `shop.test`, at 127.0.0.1 and up.
 * All have one port.
 */
export async function startInternet() {
  const servers: NameServer[] = [];
  // The kernel would choose a port that is free for UDP, and that a connection of another test may have.
  const port = await freePort();
  for (let last = 1; last <= 5; last++) servers.push(await NameServer.start(`127.0.0.${last}`, port));
  const [root, tld, ...own] = servers as [NameServer, NameServer, NameServer, NameServer, NameServer];
  const net = {
    root,
    tld,
    own,
    roots: `127.0.0.1:${root.port}`,
    /** Sets the records of `shop.test`, on all its servers, and ends their faults. */
    set(...records: Answer[]) {
      for (const server of own) {
        server.zones = [{ name: 'shop.test', records }];
        delete server.fault;
      }
    },
    stop: async () => {
      for (const server of servers) await server.stop();
    },
  };
  root.zones = [{ name: '', records: [ns('test', 'ns.nic.test'), a('ns.nic.test', tld.address)] }];
  tld.zones = [
    {
      name: 'test',
      records: own.flatMap((server, at) => [
        ns('shop.test', `ns${at + 1}.shop.test`),
        a(`ns${at + 1}.shop.test`, server.address),
      ]),
    },
  ];
  net.set();
  return net;
}

export type Internet = Awaited<ReturnType<typeof startInternet>>;
