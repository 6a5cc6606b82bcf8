import { Connection, type Reply, requestText } from './connection.ts';

/** One keep-alive connection to the API, with the operator token. */
export class Control {
  readonly #connection: Connection;
  readonly #headers: Record<string, string>;

  private constructor(connection: Connection, headers: Record<string, string>) {
    this.#connection = connection;
    this.#headers = headers;
  }

  static async open(port: number, token: string): Promise<Control> {
    const connection = await Connection.open({ host: '127.0.0.1', port });
    return new Control(connection, { host: `127.0.0.1:${port}`, authorization: `Bearer ${token}` });
  }

  /** The bytes of a request. Callers build them before they start the clock. */
  encode(method: string, path: string, body?: unknown): Buffer {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return Buffer.from(requestText(method, path, this.#headers, text));
  }

  /** @throws Error on any response that is not 2xx */
  async send(request: Buffer): Promise<Reply> {
    const reply = await this.#connection.send(request);
    if (reply.status < 200 || reply.status > 299) {
      const [line] = request.toString('latin1', 0, 200).split(' HTTP/1.1');
      throw new Error(`${line}: the API answered ${reply.status} ${reply.body.slice(0, 500)}`);
    }
    return reply;
  }

  request(method: string, path: string, body?: unknown): Promise<Reply> {
    return this.send(this.encode(method, path, body));
  }

  close(): void {
    this.#connection.close();
  }
}
