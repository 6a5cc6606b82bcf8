/**
 * Four tenants share gateways and delegate to each other while their owner opens, closes, moves and deletes the gateway,
 * all at once through several API processes. After each round, the feeds have what the store has, every process says the
 * same, nothing is bound that its owner does not allow, and doctor finds nothing.
 *
 *     npm run drill -- sharing [--engine sqlite|postgres] [--seconds 60] [--seed N]
 */
import { parseArgs } from 'node:util';
import { type ApiProcess, startProcesses } from '../api/processes.ts';
import { random } from '../history/random.ts';
import {
  beginSharing,
  child,
  delegating,
  gateway,
  inRound,
  put,
  remove,
  route,
  send,
  type Write,
} from '../history/sharing.ts';
import { copyOf, startServer } from '../postgres/server.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const next = random(seed);
const oneOf = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)]!;

const OPENINGS = [
  { tenants: 'all' },
  { tenants: ['sales'] },
  { tenants: ['sales', 'music'] },
  undefined,
  { tenants: 'all', hosts: ['a.apps.example'] },
];
const HOSTS = ['a.apps.example', 'b.apps.example', '*.c.apps.example', 'x.c.apps.example'];
const CHILDREN = ['goods/cart', 'music/cart'];
const GATEWAYS = ['platform/public', 'platform/second'];

const owner = (): Write =>
  oneOf([
    () =>
      put(
        'platform',
        `gateways/${oneOf(['public', 'second'])}`,
        gateway(oneOf(OPENINGS), [oneOf(['*.apps.example', '*.c.apps.example'])], oneOf(['apps', 'other'])),
      ),
    () => put('platform', 'gateways/public', gateway({ tenants: 'all' })),
    () => remove('platform', `gateways/${oneOf(['public', 'second'])}`),
    () => put('platform', 'routes/own', route(oneOf(HOSTS), 'public')),
    () => remove('platform', 'routes/own'),
  ])();
const attached = (): Write => {
  const tenant = oneOf(['sales', 'music']);
  const path = `routes/${oneOf(['one', 'two'])}`;
  return oneOf([
    () => put(tenant, path, route(oneOf(HOSTS), oneOf(GATEWAYS))),
    () => put(tenant, path, delegating(oneOf(HOSTS), oneOf(CHILDREN), oneOf(GATEWAYS))),
    () => remove(tenant, path),
  ])();
};
const children = (): Write => {
  const tenant = oneOf(['goods', 'music']);
  return oneOf([
    () => put(tenant, 'routes/cart', child(...oneOf([['sales/*'], ['sales/*', 'music/*'], ['platform/*']]))),
    () => remove(tenant, 'routes/cart'),
  ])();
};

const server = values.engine === 'postgres' ? await startServer() : undefined;
const url = server ? await copyOf(server.url('template1')) : 'sqlite::memory:';
const world = await startProcesses(url, 3, async () => {
  if (!server) for (let pauses = Math.floor(next() * 3); pauses > 0; pauses--) await new Promise(setImmediate);
});
const sharing = await beginSharing(world);
const end = Date.now() + Number(values.seconds) * 1000;
const statuses: Record<string, number> = {};
const faults: string[] = [];
let rounds = 0;
for (; Date.now() < end && faults.length < 20; rounds++) {
  await sharing.begin(rounds);
  for (let wave = 0; wave < 4; wave++) {
    const writes = Array.from({ length: 6 }, () => inRound(oneOf([owner, attached, attached, children])(), rounds));
    await Promise.all(
      writes.map(async (write) => {
        const status = (await send(oneOf(world.processes) as ApiProcess, write))?.status ?? 0;
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (![200, 201, 204, 404, 409, 422].includes(status)) faults.push(`${status}: ${JSON.stringify(write)}`);
      }),
    );
    await sharing.follow();
  }
  // A host that another tenant had until now is attached by the next change: that is no fault.
  const wrong = (await sharing.verify(rounds)).filter((line) => !/not attached/.test(line));
  faults.push(...wrong.map((line) => `round ${rounds}: ${line}`), ...(await sharing.end(rounds)));
}
process.stdout.write(`seed ${seed}: ${rounds} rounds; ${JSON.stringify(statuses)}; ${faults.length} faults\n`);
for (const fault of faults) process.stdout.write(`${fault}\n`);
await world.close();
await server?.stop();
process.exitCode = faults.length === 0 ? 0 : 1;
