import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { examine } from '../../../api/keeping/doctor.ts';
import { openDatabase } from '../../../api/store/open.node.ts';
import { createStore } from '../../../api/store/store.ts';
import { Backend } from '../../e2e/backend.ts';
import { random } from '../../history/random.ts';
import { replay } from '../../history/replay.ts';
import { type Ask, Workload } from '../../history/workload.ts';
import { beginning, type Writer } from '../../history/writes.ts';
import { judge, provoke, type Sight, watch } from './statuses.ts';
import { visit } from './visits.ts';
import { type Engine, startWorld, type World } from './world.ts';

const TENANTS = ['north', 'east', 'south', 'west'];
const WRITERS_PER_TENANT = 4;
/** Time between a recovery and the next kill. */
const QUIET_MS = 3_000;

export interface Outcome {
  revisions: number;
  acknowledged: number;
  visits: number;
  sights: number;
  kills: Record<string, number>;
  statuses: Record<string, number>;
  faults: string[];
}

/** @param progress called with each event */
export async function crashes({
  engine,
  seconds,
  seed,
  progress,
}: {
  engine: Engine;
  seconds: number;
  seed: number;
  progress: (line: string) => void;
}): Promise<Outcome> {
  const world = await startWorld(engine);
  const apps = await Promise.all([...TENANTS, 'holder'].map((name) => Backend.start(name)));
  try {
    const workload = new Workload(asking(world, random(seed)), true);
    const writers = await begin(world, workload, apps);
    const faults: string[] = [];
    const sights: Sight[] = [];
    const done = AbortSignal.timeout(seconds * 1000);
    const visits = Promise.all(writers.map((writer, i) => visit(world, writer.host, apps[i]!, faults, done)));
    const [, , , , kills] = await Promise.all([
      Promise.all(
        writers.flatMap((writer, tenant) =>
          Array.from({ length: WRITERS_PER_TENANT }, (_, i) =>
            workload.write(
              { ...writer, name: `w${i}` },
              seed + tenant * 100 + i,
              () => done.aborted,
              () => pause(20),
            ),
          ),
        ),
      ),
      Promise.all(writers.map((writer) => watch(world, workload, { ...writer, name: 'watch' }, sights, done))),
      // Uses a tenant that nobody restores, because a restore would remove the rejected resource.
      provoke(world, workload, { ...holder, name: 'provoke' }, faults, done),
      visit(world, holder.host, apps.at(-1)!, faults, done),
      killing(world, done, progress),
    ]);
    progress('comparing');
    return await compared(world, workload, { sights, faults, kills, visits: sum(await visits) });
  } finally {
    await world.stop();
    await Promise.all(apps.map((app) => app.stop()));
  }
}

const holder: Writer = { tenant: 'holder', host: 'held.test', name: '', taken: 'north.test', known: 1 };

/** Sends a request to any of the APIs; undefined when there was no response. */
const asking =
  ({ apis, stack }: World, next: () => number): Ask =>
  async (method, path, body, headers) => {
    const api = apis[Math.floor(next() * apis.length)]!;
    try {
      const response = await fetch(api + path, {
        method,
        headers: { authorization: `Bearer ${stack.operator}`, ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    } catch {
      await pause(100);
      return undefined;
    }
  };

/** Creates the tenants. Each has a host that its own application serves. One more tenant has a host that all claim. */
async function begin({ stack }: World, workload: Workload, apps: Backend[]): Promise<Writer[]> {
  const writers = TENANTS.map((tenant) => ({ tenant, host: `${tenant}.test`, name: '', taken: holder.host, known: 1 }));
  for (const [i, { tenant, host }] of [...writers, holder].entries()) {
    const document = beginning(host, '127.0.0.1', apps[i]!.port);
    await stack.createTenant(tenant);
    await stack.publish(tenant, 'configuration', document);
    workload.given(tenant, document);
  }
  return writers;
}

/** Kills one part after another. It waits until the previous part works again. */
async function killing({ parts, last }: World, done: AbortSignal, progress: (line: string) => void) {
  const kills: Record<string, number> = {};
  for (let turn = 0; ; turn++) {
    await pause(QUIET_MS);
    if (done.aborted) return kills;
    const part = parts[turn % parts.length]!;
    progress(`kill -9 ${part.name}`);
    Object.assign(last, { name: part.name, at: Date.now(), back: Infinity });
    await part.kill();
    await pause(200);
    await part.start();
    last.back = Date.now();
    kills[part.name] = (kills[part.name] ?? 0) + 1;
  }
}

async function compared(
  world: World,
  workload: Workload,
  { sights, faults, kills, visits }: Pick<Outcome, 'faults' | 'kills' | 'visits'> & { sights: Sight[] },
): Promise<Outcome> {
  const { dialect, driver } = await openDatabase(world.store);
  const store = createStore(dialect, driver);
  const found = [...faults, ...workload.wrong];
  let revisions = 0;
  for (const tenant of [...TENANTS, holder.tenant]) {
    found.push(...(await replay(store, tenant, workload)));
    revisions += (await store.tenants.find(tenant))!.revision;
  }
  found.push(...(await judge(store, sights)));
  for await (const { at, problem } of examine(dialect, driver, (text) => hash('sha256', text)))
    found.push(`doctor: ${at}: ${problem}`);
  await driver.close();
  const statuses = Object.fromEntries([...workload.statuses].toSorted(([a], [b]) => a - b));
  const acknowledged = workload.acknowledged.length;
  return { revisions, acknowledged, visits, sights: sights.length, kills, statuses, faults: found };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);
