/** The address of a name server. */
export interface ServerAddress {
  address: string;
  port: number;
}

/** How the resolver sends queries: with the sockets of Node or of Workers. */
export interface DnsTransport {
  /**
   * Sends a query from a random port, and waits for a reply from the address of the server. Absent where there is no
   * UDP.
   *
   * @param accepts whether a packet is the reply. Other packets may be forged, and are ignored.
   * @throws any error when the server cannot be reached, or the signal is aborted
   */
  udp?(
    server: ServerAddress,
    query: Uint8Array,
    accepts: (reply: Uint8Array) => boolean,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
  /**
   * Sends a query over a new connection, and reads one reply, without the length before it.
   *
   * @throws any error when the server cannot be reached or closes early, or the signal is aborted
   */
  tcp(server: ServerAddress, query: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
}

/** For an API that cannot send queries, such as one in a test. */
export const noTransport: DnsTransport = {
  tcp: async () => {
    throw new Error('DNS queries cannot be sent here');
  },
};

/** Puts the length before a message, as TCP needs it. https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2 */
export function framed(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([message.length >> 8, message.length & 0xff, ...message]);
}

/** Collects the bytes of a connection, until they contain a whole message. */
export class Frame {
  #bytes = new Uint8Array();

  /** @returns the message, without its length; undefined when more bytes are needed */
  add(bytes: Uint8Array): Uint8Array | undefined {
    const all = new Uint8Array(this.#bytes.length + bytes.length);
    all.set(this.#bytes);
    all.set(bytes, this.#bytes.length);
    this.#bytes = all;
    if (all.length < 2) return undefined;
    const end = 2 + ((all[0]! << 8) | all[1]!);
    return all.length < end ? undefined : all.subarray(2, end);
  }
}
