import { ask, NoAnswer } from './ask.ts';
import type { Message, Question, RecordType } from './message.ts';
import { merged, referralIn, type Server, valuesOf } from './referral.ts';
import { shuffled } from './shuffled.ts';
import type { DnsTransport } from './transport.ts';

/** How many servers of a zone are asked at a time on the way down, and how many at most. */
const [AT_A_TIME, MOST_ON_THE_WAY] = [2, 6];
/** The most servers of the zone of a name that are asked. */
const MOST_ASKED = 12;
/** The most addresses of one server that are tried. */
const MOST_ADDRESSES = 2;
/** The most zones between the root and a name, and the most names of servers that lead to each other. */
const [MOST_ZONES, DEEPEST] = [12, 3];
/** The most queries of one lookup. A domain can name as many servers as it likes. */
const MOST_QUERIES = 100;

/** A lookup whose result is not certain. The message is a sentence without a dot. */
export class Undecided extends Error {}

/** What the authoritative servers of a name answer. */
export interface Answered {
  /** The zone that contains the name. */
  zone: string;
  /** One answer per server. */
  answers: { server: string; message: Message }[];
}

/** Where lookups begin, and which servers they may ask. */
export interface LookupOptions {
  transport: DnsTransport;
  roots: readonly Server[];
  /** The port of all servers. */
  port: number;
  isAllowed: (address: string) => boolean;
}

/** One lookup, with its limits. */
export class Lookup {
  #queries = 0;
  /** Why the last server did not answer, for the reason. */
  #why = 'none has an address that may be used';
  readonly #options: LookupOptions;
  readonly #signal: AbortSignal;

  constructor(options: LookupOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /**
   * Asks all servers of the zone of a name.
   *
   * @throws Undecided when too few servers answer, or a zone on the way cannot be found
   */
  async find(question: Question, depth = 0): Promise<Answered> {
    let [zone, servers]: [string, readonly Server[]] = ['', this.#options.roots];
    // Answers that servers of a zone above gave where others referred to another zone: in the end, all must agree.
    const earlier: Answered['answers'] = [];
    for (let hops = 0; hops < MOST_ZONES; hops++) {
      const { replies, rest } = await this.#onTheWay(zone, servers, question, depth);
      const referrals = replies.flatMap(({ message }) => referralIn(message, zone, question.name) ?? []);
      const answers = replies.filter(({ message }) => !referralIn(message, zone, question.name));
      if (referrals.length === 0) {
        const more = await Promise.all(rest.map((server) => this.#askOne(zone, server, question, depth)));
        const all = [...answers, ...more.filter((each) => each !== undefined)];
        const needed = Math.min(2, servers.length);
        if (all.length < needed)
          throw new Undecided(`only ${all.length} name server of ${named(zone)} answered: ${this.#why}`);
        return { zone, answers: [...earlier, ...all] };
      }
      earlier.push(...answers);
      const child = referrals[0]!.zone;
      if (referrals.some((each) => each.zone !== child))
        throw new Undecided(`the name servers of ${named(zone)} refer to different zones`);
      servers = merged(referrals.flatMap((each) => each.servers));
      zone = child;
    }
    throw new Undecided(`${question.name} is in too many zones`);
  }

  /** Asks a few servers of a zone, until two have answered. `rest` are the others. */
  async #onTheWay(zone: string, servers: readonly Server[], question: Question, depth: number) {
    const order = shuffled(servers);
    const replies: Answered['answers'] = [];
    let at = 0;
    for (; replies.length < AT_A_TIME && at < Math.min(order.length, MOST_ON_THE_WAY); at += AT_A_TIME) {
      const asked = order.slice(at, at + AT_A_TIME).map((server) => this.#askOne(zone, server, question, depth));
      for (const each of await Promise.all(asked)) if (each) replies.push(each);
    }
    if (replies.length === 0) throw new Undecided(`no name server of ${named(zone)} answered: ${this.#why}`);
    return { replies, rest: order.slice(at, MOST_ASKED) };
  }

  /** Asks a server at its addresses, until one answers. @returns undefined when none does */
  async #askOne(
    zone: string,
    server: Server,
    question: Question,
    depth: number,
  ): Promise<Answered['answers'][number] | undefined> {
    const { transport, port, isAllowed } = this.#options;
    const addresses = server.addresses ?? (await this.#addressesOf(server.name, depth));
    for (const address of addresses.filter(isAllowed).slice(0, MOST_ADDRESSES)) {
      if (this.#signal.aborted || ++this.#queries > MOST_QUERIES) {
        this.#why = this.#signal.aborted ? 'the time is over' : 'too many name servers are involved';
        return undefined;
      }
      try {
        const message = await ask(transport, { address, port }, question, this.#signal);
        const isUsable = message.isAuthoritative || referralIn(message, zone, question.name) !== undefined;
        if (isUsable) return { server: server.name, message };
        this.#why = `${server.name} is not authoritative`;
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        this.#why = `${server.name} ${error.message}`;
      }
    }
    return undefined;
  }

  /** Resolves the name of a name server; without addresses when that fails. */
  async #addressesOf(name: string, depth: number): Promise<string[]> {
    if (depth >= DEEPEST) return [];
    for (const type of ['A', 'AAAA'] satisfies RecordType[]) {
      const found = await this.find({ name, type }, depth + 1).catch((error: unknown) => {
        if (error instanceof Undecided) return undefined;
        throw error;
      });
      const addresses = found?.answers.flatMap(({ message }) => valuesOf(message.answers, name, type)) ?? [];
      if (!found || addresses.length > 0) return [...new Set(addresses)];
    }
    return [];
  }
}

const named = (zone: string): string => (zone === '' ? 'the root' : zone);
