import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { gateway, upstream } from '../api/harness.ts';
import { type ApiProcess, call } from './processes.ts';

/** Many who write, each a tenant of its own, to any of several processes; all that is acknowledged is kept, to be compared. */
export class Writers {
  readonly #apis: () => readonly ApiProcess[];
  readonly #acknowledged = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  #stopping = false;
  #all: Promise<unknown> = Promise.resolve();

  /** @param apis those that may be asked at the moment */
  constructor(apis: () => readonly ApiProcess[]) {
    this.#apis = apis;
  }

  async start(count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, i) => `writer-${i}`);
    for (const name of names) {
      expect((await call(this.#any(), 'POST', '/v1/tenants', { name })).status).toBe(201);
      const edge = gateway(`${name}.example.com`);
      expect((await call(this.#any(), 'PUT', `/v1/tenants/${name}/gateways/edge`, edge)).status).toBe(201);
      this.#acknowledged.set(name, 0);
    }
    this.#all = Promise.all(names.map((name) => this.#write(name)));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#all;
  }

  /** Acknowledged revisions so far. */
  get count(): number {
    return this.#acknowledged.values().reduce((sum, revisions) => sum + revisions, 0);
  }

  /** Answers that were no success, by status; `0` is no answer. */
  get refused(): Record<string, number> {
    return Object.fromEntries(this.#refused);
  }

  /** Every acknowledged revision is there, with what was written. */
  async verify(): Promise<void> {
    for (const [name, revisions] of this.#acknowledged) {
      const { body } = await call(this.#any(), 'GET', `/v1/tenants/${name}/configuration`);
      for (let i = 1; i <= revisions; i++) expect(body.upstreams, `${name}, ${i}`).toHaveProperty(`u${i}`);
      const { revision } = (await call(this.#any(), 'GET', `/v1/tenants/${name}`)).body;
      expect((await call(this.#any(), 'GET', `/v1/tenants/${name}/revisions/${revision}`)).status).toBe(200);
    }
  }

  /** What an agent has to end with: the head of each tenant. */
  async heads(): Promise<Record<string, number>> {
    const heads: Record<string, number> = {};
    for (const name of this.#acknowledged.keys())
      heads[name] = (await call(this.#any(), 'GET', `/v1/tenants/${name}`)).body.revision;
    return heads;
  }

  async #write(name: string): Promise<void> {
    for (let next = 1; !this.#stopping; ) {
      const path = `/v1/tenants/${name}/upstreams/u${next}`;
      const answer = await call(this.#any(), 'PUT', path, upstream()).catch(() => undefined);
      // One that was written without an answer is found as it is wanted when it is asked for again.
      if (answer?.status === 201 || answer?.status === 200) {
        this.#acknowledged.set(name, next++);
        continue;
      }
      if (answer?.status === 503) expect(answer.headers.get('retry-after')).toBe('1');
      const status = String(answer?.status ?? 0);
      this.#refused.set(status, (this.#refused.get(status) ?? 0) + 1);
      await pause(50);
    }
  }

  #any(): ApiProcess {
    const apis = this.#apis();
    return apis[Math.floor(Math.random() * apis.length)]!;
  }
}
