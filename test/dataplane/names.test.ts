import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Replica } from '../../dataplane/feed/replica.ts';
import { type NameProblem, Names } from '../../dataplane/names/names.ts';
import { type Answer, Unresolved } from '../../dataplane/names/resolver.ts';

let folder: string;
let replica: Replica;
let names: Names;
/** What name servers answer now; a name that is not here does not exist. */
const answers = new Map<string, Answer | 'silence'>();
const used = new Set<string>();
let asked: string[] = [];
let sent: string[] = [];
let problems: (string | undefined)[] = [];

function open(): void {
  replica = Replica.open(join(folder, 'replica.sqlite'));
  names = new Names({
    lookUp: async (host) => {
      asked.push(host);
      const answer = answers.get(host);
      if (answer === 'silence') await new Promise((resolve) => setTimeout(resolve, 4_500));
      if (typeof answer === 'object') return answer;
      throw new Unresolved(answer ? 'has no answer' : 'does not exist');
    },
    stored: () => replica.answers,
    changed: (clusters) => sent.push(...clusters),
    isUsed: (cluster) => used.has(cluster),
    tenantOf: (cluster) => cluster.split('/')[0]!,
    guard: (work) => work(),
    isDenied: (address) => address.startsWith('127.'),
    failed: (host, problem: NameProblem | undefined) => problems.push(`${host} ${problem?.reason}`),
  });
}

/** Begins to use a cluster. @returns whether its first answer is awaited */
function use(cluster: string, ...hosts: string[]): boolean {
  used.add(cluster);
  return names.use(cluster, hosts);
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'names-'));
  open();
});
afterEach(() => {
  names.close();
  replica.close();
  rmSync(folder, { recursive: true, force: true });
  vi.useRealTimers();
  answers.clear();
  used.clear();
  [asked, sent, problems] = [[], [], []];
});

describe('a name', () => {
  it('is resolved once a client uses it, and is sent when its addresses changed', async () => {
    answers.set('a.test', { addresses: ['10.0.0.2', '10.0.0.1'], ttl: 10 });
    expect(use('acme/web', 'A.test')).toBe(true);
    expect(names.of('a.test')).toEqual([]);
    await pass(1);
    expect([names.of('A.TEST'), sent]).toEqual([['10.0.0.1', '10.0.0.2'], ['acme/web']]);
    expect(use('acme/web', 'A.test')).toBe(false);
    answers.set('a.test', { addresses: ['10.0.0.1', '10.0.0.2'], ttl: 10 });
    await pass(11);
    expect([asked.length, sent.length]).toEqual([2, 1]);
    answers.set('a.test', { addresses: ['10.0.0.3'], ttl: 0 });
    await pass(10);
    expect([names.of('a.test'), sent.length]).toEqual([['10.0.0.3'], 2]);
  });

  it.each([
    ['not more often than every 2 s', 0, [4, 8]],
    ['at least every 5 minutes', 86_400, [0, 0]],
  ])('is resolved %s', async (_, ttl, [least, most]) => {
    answers.set('a.test', { addresses: ['10.0.0.1'], ttl });
    use('acme/web', 'a.test');
    await pass(1);
    asked = [];
    await pass(10);
    expect(asked.length).toBeGreaterThanOrEqual(least!);
    expect(asked.length).toBeLessThanOrEqual(most!);
    await pass(300);
    expect(asked.length).toBeGreaterThan(0);
  });

  it('is no longer resolved once no client uses its clusters, or once they no longer need it', async () => {
    for (const host of ['a.test', 'b.test', 'c.test']) answers.set(host, { addresses: ['10.0.0.1'], ttl: 2 });
    use('acme/web', 'a.test', 'b.test');
    use('acme/other', 'c.test');
    await pass(1);
    expect(names.counts).toEqual({ all: 3, failing: 0 });
    use('acme/web', 'b.test');
    used.delete('acme/other');
    await pass(3);
    asked = [];
    await pass(10);
    expect([...new Set(asked)]).toEqual(['b.test']);
    use('acme/web');
    expect(names.counts.all).toBe(0);
  });

  it.each(['does not exist', 'has no answer'])('that %s is awaited until then, and found later', async (reason) => {
    if (reason !== 'does not exist') answers.set('a.test', 'silence');
    expect(use('acme/web', 'a.test')).toBe(true);
    await pass(5);
    expect([use('acme/web', 'a.test'), names.of('a.test'), sent]).toEqual([false, [], ['acme/web']]);
    expect([names.counts, problems]).toEqual([{ all: 1, failing: 1 }, [`a.test ${reason}`]]);
    answers.set('a.test', { addresses: ['10.0.0.1'], ttl: 2 });
    await pass(40);
    expect([names.of('a.test'), sent.length, problems[1]]).toEqual([['10.0.0.1'], 2, 'a.test undefined']);
  });
});

it('a name with only addresses that the fleet denies has a problem until it has another one', async () => {
  answers.set('a.test', { addresses: ['127.0.0.1', '127.0.0.2'], ttl: 2 });
  use('acme/web', 'a.test');
  await pass(1);
  expect(names.problems.get('acme/web')?.get('a.test')?.state).toBe('denied');
  expect(names.counts).toEqual({ all: 1, failing: 0 });
  answers.set('a.test', { addresses: ['127.0.0.1', '10.0.0.2'], ttl: 2 });
  await pass(3);
  expect([names.problems.size, problems.length]).toEqual([0, 2]);
});

describe('the last good answer', () => {
  beforeEach(async () => {
    answers.set('a.test', { addresses: ['10.0.0.1'], ttl: 2 });
    use('acme/web', 'a.test');
    await pass(1);
    answers.delete('a.test');
  });

  it('stays in use without limit, and is asked for again and again', async () => {
    await pass(86_400);
    expect([names.of('a.test'), sent, problems]).toEqual([['10.0.0.1'], ['acme/web'], ['a.test does not exist']]);
    expect([...names.problems.get('acme/web')!]).toMatchObject([['a.test', { state: 'last-good' }]]);
    expect(asked.length).toBeGreaterThan(8_000);
    expect(asked.length).toBeLessThan(12_000);
  });

  it('is there at once after a restart', async () => {
    names.close();
    replica.close();
    open();
    expect(names.of('a.test')).toEqual(['10.0.0.1']);
    expect(use('acme/web', 'a.test')).toBe(false);
    await pass(60);
    expect([names.of('a.test'), sent]).toEqual([['10.0.0.1'], ['acme/web']]);
  });

  it('is forgotten an hour after its last use', async () => {
    use('acme/web');
    expect(names.of('a.test')).toEqual(['10.0.0.1']);
    await pass(3_601);
    expect(names.of('a.test')).toEqual([]);
  });
});

it('a tenant with thousands of names without an answer does not hold back the names of others', async () => {
  const dead = Array.from({ length: 3_000 }, (_, n) => `dead-${n}.test`);
  for (const host of dead) answers.set(host, 'silence');
  answers.set('a.test', { addresses: ['10.0.0.1'], ttl: 2 });
  answers.set('dead-2999.test', { addresses: ['10.0.0.2'], ttl: 2 });
  use('bad/web', ...dead, 'a.test');
  await pass(10);
  expect(asked.length).toBeLessThan(60);
  // The other tenant uses one of the same names, and one of its own.
  use('acme/web', 'a.test', 'dead-2999.test');
  await pass(1);
  expect([names.of('a.test'), names.of('dead-2999.test')]).toEqual([['10.0.0.1'], ['10.0.0.2']]);
  answers.set('a.test', { addresses: ['10.0.0.3'], ttl: 2 });
  await pass(3);
  expect(names.of('a.test')).toEqual(['10.0.0.3']);
});

it('clients wait 3 s per minute for the names of one tenant that are not answered in time', async () => {
  const waits = async (host: string, tenant = 'bad') => {
    answers.set(host, 'silence');
    const cluster = `${tenant}/${host}`;
    let ms = 0;
    for (let isAwaited = use(cluster, host); isAwaited && ms < 10_000; isAwaited = use(cluster, host), ms += 100)
      await pass(0.1);
    return ms / 1000;
  };
  expect([await waits('a.test'), await waits('b.test'), await waits('c.test')]).toEqual([2, 1, 0]);
  expect(await waits('d.test', 'acme')).toBe(2);
  await pass(60);
  expect(await waits('e.test')).toBe(2);
});

it('a tenant whose many addresses change all the time is sent less often, and others at once', async () => {
  const many = (turn: number) => Array.from({ length: 100 }, (_, n) => `10.${turn % 256}.0.${n}`);
  const hosts = Array.from({ length: 20 }, (_, n) => `many-${n}.test`);
  let turn = 0;
  const change = setInterval(() => {
    for (const host of hosts) answers.set(host, { addresses: many(turn++), ttl: 0 });
  }, 500);
  answers.set('a.test', { addresses: ['10.0.0.1'], ttl: 2 });
  use('bad/web', ...hosts);
  use('acme/web', 'a.test');
  await pass(60);
  // Each batch has 2,000 endpoints, after which the tenant waits 400 ms.
  expect(sent.filter((cluster) => cluster === 'bad/web').length).toBeLessThan(160);
  sent = [];
  answers.set('a.test', { addresses: ['10.0.0.2'], ttl: 2 });
  await pass(2.1);
  expect(sent).toContain('acme/web');
  clearInterval(change);
});
