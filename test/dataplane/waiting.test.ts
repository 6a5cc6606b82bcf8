import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { merged, type TenantEvent } from '../../dataplane/feed/merge.ts';
import { Replica } from '../../dataplane/feed/replica.ts';
import { Seal } from '../../dataplane/feed/sealing.ts';
import { Waiting } from '../../dataplane/feed/waiting.ts';
import type { Names } from '../../dataplane/names/names.ts';
import { Intake } from '../../dataplane/serve/intake/intake.ts';
import type { TenantChange } from '../../dataplane/serve/intake/tenant-events.ts';
import { FleetState } from '../../dataplane/serve/state/fleet-state.ts';
import type { FeedEvent, FeedPut } from '../../wire/feed.ts';

const folder = mkdtempSync(join(tmpdir(), 'waiting-'));
const seal = Seal.open(folder, undefined, pino({ level: 'silent' }));

/** The part of an agent that applies events. */
class Applied {
  readonly replica: Replica;
  readonly #intake: Intake;

  constructor(name: string) {
    this.replica = Replica.open(join(folder, name));
    const state = new FleetState(this.replica, seal, {} as Names);
    this.#intake = new Intake({ state, types: [], snapshot: () => {}, hasGaps: () => false, gap: () => {} });
  }

  apply(events: readonly FeedEvent[]): TenantChange[] {
    const { changes } = this.#intake.apply(events);
    for (const { failure } of changes) expect(failure).toBeUndefined();
    return changes;
  }

  of(tenant: string) {
    const { replica } = this;
    const registered = [...replica.registered.of(tenant)];
    return { revision: replica.revision(tenant), resources: replica.resources(tenant), registered };
  }
}
const direct = new Applied('direct');
const inTurns = new Applied('in-turns');
afterAll(() => {
  for (const { replica } of [direct, inTurns]) replica.close();
  rmSync(folder, { recursive: true });
});

type Change = Extract<TenantEvent, { type: 'tenant' }>;
const upstream = (name: string, port: number): FeedPut => ({ kind: 'upstream', name, spec: { port, endpoints: [] } });
const event = (tenant: string, seq: number, change: Partial<Change> = {}): Change => ({
  ...{ type: 'tenant', seq, tenant, base: seq - 1, revision: seq, puts: [], deletes: [], committedAt: seq },
  ...change,
});
const list = (name: string, ...addresses: string[]) => ({
  upstream: name,
  endpoints: addresses.map((address) => ({ address })),
});
/** Of one length, unless it says another one. */
const read = (...events: (TenantEvent | [TenantEvent, length: number])[]) =>
  events.map((each) => (Array.isArray(each) ? { event: each[0], length: each[1] } : { event: each, length: 10 }));
const taken = (events: readonly TenantEvent[]) => events.map(({ tenant, seq }) => [tenant, seq]);

describe('events that wait', () => {
  it('are taken in the order in which they came, with their own numbers, when they have one length', () => {
    const waiting = new Waiting();
    waiting.add(read(event('a', 1), event('b', 2), event('a', 3)), 0);
    expect(taken(waiting.take())).toEqual([
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ]);
    expect([waiting.isEmpty, waiting.length]).toEqual([true, 0]);
  });

  it('of a tenant with a flood are one event, so another tenant waits for one of them', () => {
    const waiting = new Waiting();
    const flood = (seq: number) => event('a', seq, { base: 5, revision: 5, endpoints: [list('app', `10.0.0.${seq}`)] });
    waiting.add(read(flood(8)), 7);
    for (let seq = 9; seq < 40; seq++) waiting.add(read(flood(seq)), 7);
    waiting.add(read(event('b', 40)), 7);
    waiting.add(read(flood(41)), 7);
    const events = waiting.take();
    expect(events).toMatchObject([{ endpoints: [list('app', '10.0.0.41')] }, { tenant: 'b' }]);
    // The number of an event says what is applied: after the first one, everything before the event of b.
    expect(taken(events)).toEqual([
      ['a', 39],
      ['b', 41],
    ]);
  });

  it('are overtaken by smaller ones, which keep the number before the larger one', () => {
    const waiting = new Waiting();
    waiting.add(read([event('a', 1), 1000]), 0);
    waiting.add(read(event('b', 2)), 0);
    expect(waiting.take(100)).toMatchObject([{ tenant: 'b', seq: 0, before: 1 }]);
    expect([waiting.last, waiting.tenants]).toEqual([2, [{ tenant: 'a', live: 0 }]]);
    expect(taken(waiting.take(100))).toEqual([['a', 2]]);
  });

  it('are overtaken by as many bytes as they have', () => {
    const waiting = new Waiting();
    waiting.add(read([event('a', 1), 1000]), 0);
    const order: string[] = [];
    for (let seq = 2; seq < 300; seq++) {
      waiting.add(read(event(`b${seq}`, seq)), 0);
      order.push(...waiting.take(10).map(({ tenant }) => tenant));
    }
    expect(order.indexOf('a')).toBe(99);
  });

  it('of one tenant keep their order, whatever their lengths', () => {
    const waiting = new Waiting();
    waiting.add(read([event('a', 1), 1000], event('a', 2), event('b', 3)), 0);
    expect(taken(waiting.take())).toEqual([
      ['b', 0],
      ['a', 1],
      ['a', 3],
    ]);
  });
});

describe('two events of a tenant', () => {
  it('are one change from the first base to the last revision', () => {
    const first = event('a', 5, { puts: [upstream('x', 1), upstream('y', 1)], endpoints: [list('x', '10.0.0.1')] });
    const second = event('a', 6, { puts: [upstream('x', 2)], deletes: [{ kind: 'upstream', name: 'y' }] });
    expect(merged(first, second)).toEqual({
      ...event('a', 6, { base: 4, puts: [upstream('x', 2)] }),
      deletes: [{ kind: 'upstream', name: 'y' }],
      endpoints: [list('x', '10.0.0.1'), list('y')],
    });
  });

  it('keep no endpoints of an upstream that was deleted and created again', () => {
    const deleted = event('a', 5, { deletes: [{ kind: 'upstream', name: 'x' }] });
    expect(merged(deleted, event('a', 6, { puts: [upstream('x', 1)] }))).toEqual(
      event('a', 6, { base: 4, puts: [upstream('x', 1)], endpoints: [list('x')] }),
    );
  });

  it.each([
    ['a gap between them', event('a', 5), event('a', 8)],
    ['endpoints of a later revision', event('a', 5), event('a', 9, { base: 8, revision: 8 })],
    ['a change after the tenant has left', { ...event('a', 5), type: 'leave' } as TenantEvent, event('a', 6)],
  ])('stay separate: %s', (_, first, second) => expect(merged(first, second)).toBeUndefined());
});

/** What a tenant does, and how the feed sends it. */
const step = fc.record({
  tenant: fc.constantFrom('a', 'b', 'c'),
  verb: fc.constantFrom('put', 'put', 'delete', 'register', 'register', 'whole', 'leave', 'again'),
  name: fc.constantFrom('x', 'y'),
  length: fc.constantFrom(1, 10, 1000),
  /** Whether the event ends a read of the feed, and how much is applied after it. */
  ends: fc.boolean(),
  takes: fc.constantFrom(0, 0, 1, 10, 2000),
});

/** Makes the events of a feed from what tenants do. */
class Tenants {
  readonly #states = new Map<string, { revision: number; puts: Map<string, FeedPut>; last: Change }>();
  seq: number;

  constructor(seq: number) {
    this.seq = seq;
  }

  event(tenant: string, verb: string, name: string): TenantEvent {
    const seq = ++this.seq;
    const { revision, puts, last } = this.#states.get(tenant) ?? { revision: 0, puts: new Map<string, FeedPut>() };
    const keep = (change: Partial<Change>) => {
      const made = event(tenant, seq, change);
      this.#states.set(tenant, { revision: made.revision, puts, last: made });
      return made;
    };
    const next = { base: revision, revision: revision + 1 };
    if (verb === 'leave') {
      this.#states.delete(tenant);
      return { type: 'leave', seq, tenant, revision, committedAt: seq };
    }
    if (!last || verb === 'whole') {
      puts.set(name, upstream(name, seq));
      return keep({ ...next, base: 0, puts: [...puts.values()], endpoints: [list(name, `10.0.0.${seq % 250}`)] });
    }
    if (verb === 'put') {
      puts.set(name, upstream(name, seq));
      return keep({ ...next, puts: [upstream(name, seq)] });
    }
    if (verb === 'delete' && puts.delete(name)) return keep({ ...next, deletes: [{ kind: 'upstream', name }] });
    // Sent again after an interruption, with the present number.
    if (verb === 'again' && last.base > 0) return { ...last, seq };
    const endpoints = [list(name, ...(seq % 3 === 0 ? [] : [`10.0.1.${seq % 250}`]))];
    return keep({ base: revision, revision, endpoints });
  }
}

it('until a change is live, its tenant is behind: from the event before it, or from the cursor in a snapshot', () => {
  const agent = new Applied('behind');
  const waiting = new Waiting();
  const whole = (tenant: string, seq: number) => event(tenant, seq, { base: 0 });
  waiting.add(read([whole('a', 1), 1000], whole('b', 2), whole('c', 3)), 0);
  const behind = [...agent.apply(waiting.take(20)), ...agent.apply(waiting.take())].map((change) => change.behind);
  expect(behind).toEqual([
    { tenant: 'b', live: 1 },
    { tenant: 'c', live: 2 },
    { tenant: 'a', live: 0 },
  ]);
  const changes = agent.apply([{ type: 'snapshot' }, whole('a', 9), whole('d', 9), { type: 'snapshot-end', seq: 9 }]);
  expect(changes.map((change) => change.behind)).toEqual(['a', 'd', 'b', 'c'].map((tenant) => ({ tenant, live: 3 })));
  agent.replica.close();
});

/** The events as the API sends them later: one for each tenant, at the place of its first. */
function again(events: readonly TenantEvent[]): TenantEvent[] {
  const tenants = [...Map.groupBy(events, ({ tenant }) => tenant).values()];
  return tenants.map((own, index) => ({
    ...asOfNow(own.reduce((earlier, later) => merged(earlier, later) ?? expect.fail())),
    seq: (tenants[index + 1]?.[0]?.seq ?? events.at(-1)!.seq + 1) - 1,
  }));
}

/** An event as the API sends it when everything has happened: with the endpoints that are registered then. */
function asOfNow(each: TenantEvent): TenantEvent {
  if (each.type === 'leave' || !each.endpoints) return each;
  const lists = new Map(direct.replica.registered.of(each.tenant));
  const current = (upstream: string) => JSON.parse(lists.get(upstream) ?? '[]');
  return { ...each, endpoints: each.endpoints.map(({ upstream }) => ({ upstream, endpoints: current(upstream) })) };
}

it('in any order and however merged, they lead to the same state, also after an interruption', () => {
  let run = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, interruption) => {
      const prefix = `${++run}-`;
      const tenants = new Tenants(direct.replica.cursor);
      const sent = steps.map(({ tenant, verb, name }) => tenants.event(prefix + tenant, verb, name));
      direct.apply(sent);

      const waiting = new Waiting();
      const start = inTurns.replica.cursor;
      let batch: ReturnType<typeof read> = [];
      const send = (each: TenantEvent, { length, ends, takes }: (typeof steps)[number]) => {
        batch.push(...read([each, length]));
        if (!ends) return;
        waiting.add(batch, inTurns.replica.cursor);
        batch = [];
        const before = inTurns.replica.cursor;
        if (takes > 0 && !waiting.isEmpty) inTurns.apply(waiting.take(takes));
        expect(inTurns.replica.cursor).toBeGreaterThanOrEqual(before);
      };
      for (const [index, each] of sent.slice(0, interruption).entries()) send(each, steps[index]!);
      // The agent is killed. The API sends again what comes after the cursor.
      waiting.clear();
      batch = [];
      const rest = sent.filter(({ seq }) => seq > inTurns.replica.cursor);
      for (const [index, each] of again(rest).entries()) send(each, steps[index]!);
      waiting.add(batch, inTurns.replica.cursor);
      while (!waiting.isEmpty) inTurns.apply(waiting.take(1));

      expect(inTurns.replica.cursor).toBe(start + sent.length);
      for (const tenant of ['a', 'b', 'c']) expect(inTurns.of(prefix + tenant)).toEqual(direct.of(prefix + tenant));
    }),
    { numRuns: 100, seed: 1 },
  );
});
