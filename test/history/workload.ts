import { random } from './random.ts';
import { accepted, type Body, contended, rejected, restore, type Write, type Writer } from './writes.ts';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what is looked at is compared
  body: any;
}

/** Sends a request; undefined when there was no response, so it is unknown whether it was carried out. */
export type Ask = (
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
) => Promise<Answer | undefined>;

/** An acknowledged change. */
export interface Acknowledged {
  tenant: string;
  revision: number;
  write: Write;
}

/** The requests and responses of some tenants' writers. */
export class Workload {
  /** Specs sent, as JSON, by `tenant/upstreams/name`. Revisions can contain no others. */
  readonly sent = new Map<string, Set<string>>();
  /** Patched resources: only parts of their specs were sent. */
  readonly patched = new Set<string>();
  readonly acknowledged: Acknowledged[] = [];
  /** Incorrect responses. */
  readonly wrong: string[] = [];
  /** Number of responses per status. */
  readonly statuses = new Map<number, number>();
  readonly #ask: Ask;
  readonly #retried: boolean;
  #marks = 0;

  /** @param retried whether no answer and 503 are to be expected: then the writer goes on with its next write */
  constructor(ask: Ask, retried = false) {
    this.#ask = ask;
    this.#retried = retried;
  }

  /** A tenant's content before the writers began. */
  given(tenant: string, document: Record<string, Record<string, Body>>): void {
    for (const [plural, resources] of Object.entries(document))
      for (const [name, spec] of Object.entries(resources)) this.#note(tenant, `${plural}/${name}`, spec);
  }

  /** One writer, one request after the other, half of them refused. @param done asked before each */
  async write(writer: Writer, seed: number, done: (count: number) => boolean, pause = async () => {}): Promise<void> {
    const next = random(seed);
    const oneOf = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)]!;
    for (let count = 0; !done(count); count++) {
      const dice = next();
      const kind =
        dice < 0.35 ? oneOf(accepted) : dice < 0.55 ? oneOf(contended) : dice < 0.57 ? restore : oneOf(rejected);
      await this.send(writer, kind(writer, `${writer.tenant}-${writer.name}-${this.#marks++}`));
      await pause();
    }
  }

  /** @returns whether the response was correct */
  async send(writer: Writer, write: Write): Promise<Answer | undefined> {
    for (const [id, spec] of Object.entries(write.puts ?? {})) this.#note(writer.tenant, id, spec);
    for (const id of Object.keys(write.patches ?? {})) this.patched.add(id);
    const answer = await this.#ask(write.method, write.path, write.body, {
      'content-type': 'application/json',
      ...write.headers,
    });
    const status = answer?.status ?? 0;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (this.#retried && (status === 0 || status === 503)) return answer;
    if (!answer || !write.right.includes(status)) {
      this.wrong.push(`${writer.tenant}/${writer.name}: ${write.what}: ${status} ${JSON.stringify(answer?.body)}`);
      return answer;
    }
    const revision = Number(answer.headers.get('gatehouse-revision'));
    if (status >= 300 || !(revision > 0)) return answer;
    if (revision < writer.known && !write.right.includes(204))
      this.wrong.push(`${writer.tenant}/${writer.name}: ${write.what}: revision ${revision} after ${writer.known}`);
    writer.known = revision;
    this.acknowledged.push({ tenant: writer.tenant, revision, write });
    return answer;
  }

  #note(tenant: string, id: string, spec: Body): void {
    const key = `${tenant}/${id}`;
    const specs = this.sent.get(key) ?? new Set();
    this.sent.set(key, specs.add(canonical(spec)));
  }
}

/** Equal for equal values, whatever the order of their members. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, member) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
