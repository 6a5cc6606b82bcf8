import type { Connection, Submittable } from 'pg';
import type { RawRow, Statement, Value } from './driver.ts';

/** The members of a pg connection that write messages. The types of pg lack some of them. */
interface Wire {
  stream: { cork(): void; uncork(): void; destroy(): void };
  parse(message: { name: string; text: string }): void;
  bind(message: { portal: string; statement: string; values: (string | null)[] }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: { portal: string; rows: number }): void;
  sync(): void;
}

interface RowDescription {
  fields: { dataTypeID: number }[];
}

/**
 * The types int2, int4 and int8. Besides text, the tables have only these types.
 * https://www.postgresql.org/docs/current/catalog-pg-type.html
 */
const INTEGERS = new Set([20, 21, 23]);

abstract class Exchange<T> implements Submittable {
  readonly done: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;
  #wire: Wire | undefined;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  protected abstract write(wire: Wire): void;
  protected abstract result(): T;

  submit(connection: Connection): void {
    const wire = connection as unknown as Wire;
    this.#wire = wire;
    wire.stream.cork();
    try {
      this.write(wire);
      wire.sync();
    } finally {
      wire.stream.uncork();
    }
  }

  /** Closes the connection. It is then unknown whether the server ran the statements. */
  abandon(): void {
    this.#wire?.stream.destroy();
  }

  handleError(error: unknown): void {
    this.#reject(error);
  }

  // The server commits at the Sync message, after the last statement. So the transaction is known to be committed only
  // now.
  handleReadyForQuery(): void {
    this.#resolve(this.result());
  }

  handleCommandComplete(): void {}
}

/** Prepares named statements on the server, once per connection. */
export class Preparation extends Exchange<void> {
  readonly #statements: ReadonlyMap<string, string>;

  /** @param statements the text of each statement, by its name */
  constructor(statements: ReadonlyMap<string, string>) {
    super();
    this.#statements = statements;
  }

  protected write(wire: Wire): void {
    for (const [name, text] of this.#statements) wire.parse({ name, text });
  }

  protected result(): void {}
}

/**
 * Sends statements in one write, followed by one Sync. PostgreSQL runs them as one transaction, and the batch needs one
 * round trip. https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class Pipeline extends Exchange<RawRow[][]> {
  readonly #statements: readonly Statement[];
  readonly #nameOf: (text: string) => string | undefined;
  readonly #results: RawRow[][] = [];
  #rows: RawRow[] = [];
  #integers: boolean[] = [];

  /** @param nameOf returns the name under which a text was prepared; for undefined, the server parses the text now */
  constructor(statements: readonly Statement[], nameOf: (text: string) => string | undefined) {
    super();
    this.#statements = statements;
    this.#nameOf = nameOf;
  }

  protected write(wire: Wire): void {
    for (const { sql, params } of this.#statements) {
      const name = this.#nameOf(sql);
      if (name === undefined) wire.parse({ name: '', text: sql });
      wire.bind({ portal: '', statement: name ?? '', values: params.map(toText) });
      wire.describe({ type: 'P', name: '' });
      wire.execute({ portal: '', rows: 0 });
    }
  }

  protected result(): RawRow[][] {
    return this.#results;
  }

  handleRowDescription({ fields }: RowDescription): void {
    this.#integers = fields.map(({ dataTypeID }) => INTEGERS.has(dataTypeID));
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields.map((field, i) => (field !== null && this.#integers[i] ? Number(field) : field)));
  }

  override handleCommandComplete(): void {
    this.#results.push(this.#rows);
    this.#rows = [];
  }
}

const toText = (value: Value): string | null => (value === null ? null : String(value));
