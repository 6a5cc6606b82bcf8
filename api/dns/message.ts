import ipaddr from 'ipaddr.js';

/** The types of records that this resolver reads. https://www.rfc-editor.org/rfc/rfc1035#section-3.2.2 */
const TYPES = { A: 1, NS: 2, CNAME: 5, TXT: 16, AAAA: 28 } as const;
export type RecordType = keyof typeof TYPES;
const OPT = 41;
const [IN, HEADER] = [1, 12];
const [QR, OPCODE, AA, TC] = [0x8000, 0x7800, 0x0400, 0x0200];
/** The size that fits into one packet on all networks. https://www.rfc-editor.org/rfc/rfc9715 */
const UDP_SIZE = 1232;

export interface Question {
  /** Without a trailing dot. */
  name: string;
  type: RecordType;
}

export interface DnsRecord {
  /** In lower case, without a trailing dot. Of the root: the empty text. */
  name: string;
  type: RecordType;
  /** The text of a TXT record, the target of NS and CNAME, or the address. */
  value: string;
}

export interface Message {
  rcode: number;
  isAuthoritative: boolean;
  isTruncated: boolean;
  answers: DnsRecord[];
  authorities: DnsRecord[];
  additionals: DnsRecord[];
}

export const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** A query, and what the reply to it must repeat. */
export interface Query {
  bytes: Uint8Array<ArrayBuffer>;
  /**
   * The bytes of the question. The case of each letter is random, so that who does not see the query cannot forge a
   * reply.
   */
  question: Uint8Array;
}

/**
 * Encodes a query without recursion, with a random id.
 *
 * @param edns whether to announce that a reply may be larger than 512 bytes. https://www.rfc-editor.org/rfc/rfc6891
 */
export function encodeQuery({ name, type }: Question, edns: boolean): Query {
  const random = crypto.getRandomValues(new Uint8Array(name.length + 2));
  const cased = [...name].map((letter, at) => (random[at]! & 1 ? letter.toUpperCase() : letter.toLowerCase())).join('');
  const encoded = (cased === '' ? [] : cased.split('.')).flatMap((label) => [
    label.length,
    ...Array.from(label, (letter) => letter.charCodeAt(0)),
  ]);
  const question = Uint8Array.from([...encoded, 0, ...pair(TYPES[type]), ...pair(IN)]);
  const opt = edns ? [0, ...pair(OPT), ...pair(UDP_SIZE), 0, 0, 0, 0, 0, 0] : [];
  const counts = [1, 0, 0, edns ? 1 : 0].flatMap(pair);
  return { bytes: Uint8Array.from([...random.slice(-2), 0, 0, ...counts, ...question, ...opt]), question };
}

/**
 * Whether bytes are a reply to a query: the same id and the same question, letter by letter unless `anyCase` is set.
 */
export function isReplyTo({ bytes: query, question }: Query, reply: Uint8Array, anyCase: boolean): boolean {
  if (reply.length < HEADER + question.length || reply[0] !== query[0] || reply[1] !== query[1]) return false;
  const flags = (reply[2]! << 8) | reply[3]!;
  if (!(flags & QR) || flags & OPCODE || reply[4] !== 0 || reply[5] !== 1) return false;
  const folded = (byte: number) => (anyCase && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
  return question.every((byte, index) => folded(reply[HEADER + index]!) === folded(byte));
}

/** Decodes a reply; undefined when it is malformed. Records of other types and classes are left out. */
export function decodeReply(bytes: Uint8Array): Message | undefined {
  try {
    const reader = new Reader(bytes);
    const [, flags, questions, answers, authorities, additionals] = Array.from({ length: 6 }, () => reader.short());
    for (let count = questions!; count > 0; count--) {
      reader.name();
      reader.skip(4);
    }
    return {
      rcode: flags! & 0xf,
      isAuthoritative: (flags! & AA) !== 0,
      isTruncated: (flags! & TC) !== 0,
      answers: records(reader, answers!),
      authorities: records(reader, authorities!),
      additionals: records(reader, additionals!),
    };
  } catch {
    return undefined;
  }
}

const typeNames = new Map<number, RecordType>(
  Object.entries(TYPES).map(([name, number]) => [number, name as RecordType]),
);

function records(reader: Reader, count: number): DnsRecord[] {
  const found: DnsRecord[] = [];
  for (let rest = count; rest > 0; rest--) {
    const name = reader.name();
    const [type, class_] = [typeNames.get(reader.short()), reader.short()];
    reader.skip(4);
    const length = reader.short();
    const end = reader.at + length;
    if (type !== undefined && class_ === IN) found.push({ name, type, value: readValue(reader, type, length) });
    reader.goTo(end);
  }
  return found;
}

function readValue(reader: Reader, type: RecordType, length: number): string {
  if (type === 'NS' || type === 'CNAME') return reader.name();
  const bytes = reader.bytes(length);
  if (type !== 'TXT') return ipaddr.fromByteArray([...bytes]).toString();
  const texts: number[] = [];
  for (let at = 0; at < bytes.length; at += 1 + bytes[at]!) texts.push(...bytes.slice(at + 1, at + 1 + bytes[at]!));
  return String.fromCharCode(...texts);
}

/** Reads a message. Every method throws a RangeError beyond its end. */
class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bytes(length: number): Uint8Array {
    this.skip(length);
    return this.#bytes.subarray(this.at - length, this.at);
  }

  short(): number {
    const [high, low] = this.bytes(2);
    return (high! << 8) | low!;
  }

  skip(length: number): void {
    this.goTo(this.at + length);
  }

  goTo(at: number): void {
    if (at < this.at || at > this.#bytes.length) throw new RangeError('beyond the end of the message');
    this.at = at;
  }

  /** Reads a name. Bytes that no host name has are escaped as in zone files, so only equal names become equal texts. */
  name(): string {
    const labels: string[] = [];
    let [at, end, size] = [this.at, -1, 0];
    for (;;) {
      const length = this.#byte(at);
      if (length >= 0xc0) {
        const target = ((length & 0x3f) << 8) | this.#byte(at + 1);
        if (end < 0) end = at + 2;
        // A pointer leads backwards, so every name ends. https://www.rfc-editor.org/rfc/rfc1035#section-4.1.4
        if (target >= at) throw new RangeError('a pointer leads forwards');
        at = target;
      } else if (length > 0x3f) throw new RangeError('a label has an unknown type');
      else if (length === 0) {
        if (end < 0) end = at + 1;
        break;
      } else {
        size += length + 1;
        if (size > 254) throw new RangeError('a name is too long');
        labels.push(Array.from({ length }, (_, index) => escaped(this.#byte(at + 1 + index))).join(''));
        at += length + 1;
      }
    }
    this.goTo(end);
    return labels.join('.').toLowerCase();
  }

  #byte(at: number): number {
    const byte = this.#bytes[at];
    if (byte === undefined) throw new RangeError('beyond the end of the message');
    return byte;
  }
}

const escaped = (byte: number): string =>
  byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c
    ? String.fromCharCode(byte)
    : `\\${String(byte).padStart(3, '0')}`;

const pair = (number: number): [number, number] => [number >> 8, number & 0xff];
