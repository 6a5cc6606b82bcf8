import { Client } from 'undici';

const PROBE_PATH = '/.well-known/gatehouse/revision';
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 100;

/**
 * Asks the proxy itself which version of a host it serves, through its probe listener: a unix socket whose connections Envoy
 * spreads evenly over its workers, so that one connection a worker sees what every worker serves.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/listener/v3/listener.proto#config-listener-v3-listener-connectionbalanceconfig
 */
export class Prober {
  readonly #clients: Client[];
  readonly #timeoutMs: number;
  #closed = false;

  constructor(socketPath: string, workers: number, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#clients = Array.from(
      { length: workers },
      () => new Client('http://probe.gatehouse.internal', { socketPath, pipelining: 8, headersTimeout: timeoutMs }),
    );
  }

  /**
   * Waits until every worker serves `version` under the scope `key`.
   *
   * @param superseded true once a newer version was sent: seeing that one proves this one was passed
   * @returns false when it was not seen in time
   */
  async see(key: string, version: string, superseded: () => boolean): Promise<boolean> {
    const seen = await Promise.all(this.#clients.map((client) => this.#seeOn(client, key, version, superseded)));
    return seen.every(Boolean);
  }

  close(): void {
    this.#closed = true;
    for (const client of this.#clients) client.destroy().catch(() => undefined);
  }

  async #seeOn(client: Client, key: string, version: string, superseded: () => boolean): Promise<boolean> {
    const deadline = Date.now() + this.#timeoutMs;
    for (let wait = FIRST_WAIT_MS; !this.#closed; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      if ((await this.#ask(client, key)) === version || superseded()) return true;
      if (Date.now() >= deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    return true;
  }

  async #ask(client: Client, key: string): Promise<string | undefined> {
    try {
      const { statusCode, body } = await client.request({
        path: PROBE_PATH,
        method: 'GET',
        headers: {
          host: key.slice(key.indexOf('|') + 1).replace('*', 'probe'),
          'x-scope': key,
          'x-gatehouse-probe': '1',
        },
      });
      const text = await body.text();
      return statusCode === 200 ? text : undefined;
    } catch {
      return undefined;
    }
  }
}
