import { decodeReply, encodeQuery, isReplyTo, type Message, type Question, RCODES } from './message.ts';
import type { DnsTransport, ServerAddress } from './transport.ts';

/** How long a server may take to answer over UDP, at each attempt, and over TCP, in ms. */
const [UDP_MS, TCP_MS] = [[500, 1_000], 3_000];

/** A name server without a usable answer. The message completes "the name server …". */
export class NoAnswer extends Error {}

/**
 * Asks one name server one question: over UDP, and over TCP when the reply is truncated or does not arrive.
 *
 * @throws NoAnswer when the server does not answer, or answers with an error other than NXDOMAIN
 */
export async function ask(
  transport: DnsTransport,
  server: ServerAddress,
  question: Question,
  signal: AbortSignal,
): Promise<Message> {
  const args = [transport, server, question, signal] as const;
  const { rcode, ...reply } = (await overUdp(...args)) ?? (await overTcp(...args));
  if (rcode === RCODES.NOERROR || rcode === RCODES.NXDOMAIN) return { rcode, ...reply };
  const name = Object.entries(RCODES).find(([, code]) => code === rcode)?.[0] ?? `code ${rcode}`;
  throw new NoAnswer(`answers with an error (${name})`);
}

/** @returns undefined when TCP must be used */
async function overUdp(
  { udp }: DnsTransport,
  server: ServerAddress,
  question: Question,
  signal: AbortSignal,
): Promise<Message | undefined> {
  if (!udp) return undefined;
  let edns = true;
  for (const ms of UDP_MS) {
    const query = encodeQuery(question, edns);
    const within = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
    const reply = await udp(server, query.bytes, (each) => isReplyTo(query, each, false), within).catch(
      () => undefined,
    );
    if (signal.aborted) throw new NoAnswer('did not answer in time');
    const message = reply && decodeReply(reply);
    // A server that does not know EDNS. https://www.rfc-editor.org/rfc/rfc6891#section-7
    const isOld = edns && (message?.rcode === RCODES.FORMERR || message?.rcode === RCODES.NOTIMP);
    if (message && !isOld) return message.isTruncated ? undefined : message;
    edns = false;
  }
  return undefined;
}

async function overTcp(
  transport: DnsTransport,
  server: ServerAddress,
  question: Question,
  signal: AbortSignal,
): Promise<Message> {
  const query = encodeQuery(question, false);
  const within = AbortSignal.any([signal, AbortSignal.timeout(TCP_MS)]);
  const reply = await transport.tcp(server, query.bytes, within).catch(() => undefined);
  if (!reply) throw new NoAnswer('did not answer in time');
  // Nobody else can send on the connection, and some servers change the case of the question.
  const message = isReplyTo(query, reply, true) ? decodeReply(reply) : undefined;
  if (!message || message.isTruncated) throw new NoAnswer('sent a malformed answer');
  return message;
}
