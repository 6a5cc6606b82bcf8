import pg from 'pg';
import type { News, Topic } from './news.ts';
import type { PostgresConfig } from './postgres-url.ts';

const CHANNEL = 'gatehouse';
/**
 * A payload has at most 8,000 bytes, and a topic at most 70. https://www.postgresql.org/docs/current/sql-notify.html
 */
const TOPICS_A_PAYLOAD = 100;
const RETRY_MS = { first: 100, most: 5_000 };

/** Members of pg that its types lack. */
interface Insides {
  processID: number;
  connection: { stream: { destroy(): void } };
}

/**
 * Sends and receives notices with LISTEN and NOTIFY, over a connection of its own. If the connection is lost, the class
 * opens a new one.
 *
 * The API sends a notice after the commit, and not in the same transaction. A transaction that notifies holds a lock on
 * the whole database while it commits.
 */
export class PostgresNews implements News {
  readonly #config: PostgresConfig;
  readonly #listeners: ((topic: Topic | undefined) => void)[] = [];
  #client: pg.Client | undefined;
  #unsent = new Set<Topic>();
  #sending = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(config: PostgresConfig) {
    this.#config = config;
    void this.#connect();
  }

  listen(listener: (topic: Topic | undefined) => void): void {
    this.#listeners.push(listener);
  }

  /** Collects notices while one is being sent, so that under load many of them are sent together. */
  notify(...topics: Topic[]): void {
    for (const topic of topics) this.#unsent.add(topic);
    if (!this.#sending) void this.#send();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#client) insides(this.#client).connection.stream.destroy();
  }

  async #send(): Promise<void> {
    this.#sending = true;
    while (this.#client && this.#unsent.size > 0) {
      const topics = [...this.#unsent].slice(0, TOPICS_A_PAYLOAD);
      for (const topic of topics) this.#unsent.delete(topic);
      // The notice is lost with its connection. The other processes find the change by polling.
      await this.#ask(this.#client, 'select pg_notify($1, $2)', [CHANNEL, topics.join('\n')]).catch(() => {});
    }
    this.#unsent.clear();
    this.#sending = false;
  }

  async #connect(): Promise<void> {
    const { connection, connectTimeout, statementTimeout } = this.#config;
    const client = new pg.Client({
      ...connection,
      connectionTimeoutMillis: connectTimeout,
      query_timeout: statementTimeout,
    });
    client.on('error', () => {});
    client.on('notification', ({ processId, payload = '' }) => {
      if (processId === insides(client).processID) return;
      for (const topic of payload.split('\n')) this.#spread(topic as Topic);
    });
    client.once('end', () => this.#lost(client));
    try {
      await client.connect();
      await this.#ask(client, `listen ${CHANNEL}`);
    } catch {
      insides(client).connection.stream.destroy();
      return;
    }
    if (this.#closed) return void insides(client).connection.stream.destroy();
    this.#client = client;
    this.#failures = 0;
    this.#timer = setTimeout(() => this.#probe(client), statementTimeout);
    this.#spread(undefined);
  }

  /** Sends a query to check the connection. A connection that only listens does not notice that the server is gone. */
  #probe(client: pg.Client): void {
    this.#ask(client, 'select 1').then(
      () => {
        if (this.#client === client) this.#timer = setTimeout(() => this.#probe(client), this.#config.statementTimeout);
      },
      () => {},
    );
  }

  async #ask(client: pg.Client, text: string, values: string[] = []): Promise<void> {
    try {
      await client.query(text, values);
    } catch (error) {
      insides(client).connection.stream.destroy();
      throw error;
    }
  }

  #lost(client: pg.Client): void {
    if (this.#client === client) this.#client = undefined;
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const wait = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** this.#failures++);
    this.#timer = setTimeout(() => void this.#connect(), wait * (0.5 + Math.random() / 2));
  }

  #spread(topic: Topic | undefined): void {
    for (const listener of this.#listeners) listener(topic);
  }
}

const insides = (client: pg.Client): Insides => client as unknown as Insides;
