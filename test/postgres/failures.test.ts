import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SHARED_FLEET } from '../api/harness.ts';
import { until } from '../e2e/process.ts';
import { noNamespace, startNamespace } from './namespace.ts';
import { type Network, startNetwork } from './network.ts';
import { type ApiProcess, call, follow, startProcess } from './processes.ts';
import { copyOf, type Server, startServer } from './server.ts';
import { Writers } from './writers.ts';

const CONNECTIONS = 30;

let server: Server;
let network: Network;
let database: string;
let apis: ApiProcess[];
beforeEach(async () => {
  server = await startServer(['-c', `max_connections=${CONNECTIONS}`]);
  database = await copyOf(server.url('template1'));
});

/** Two processes that reach the database by this network. */
async function connected(by: Network): Promise<void> {
  network = by;
  const url = new URL(database);
  url.host = `${network.host}:${network.port}`;
  url.search = '?pool=5&statement_timeout=1000&connect_timeout=5';
  apis = await Promise.all([1, 2].map(() => startProcess(url.href)));
  expect((await call(apis[0]!, 'POST', '/v1/fleets', SHARED_FLEET)).status).toBe(201);
}
const socket = () => `${server.socket}/.s.PGSQL.5432`;

afterEach(async () => {
  await Promise.all(apis.map((api) => api.stop()));
  await network.close();
  await server.stop();
});

/** Writers before, during and after a failure: what they are told meanwhile, and that they go on without help. */
async function under(failure: (writers: Writers) => Promise<void>): Promise<Record<string, number>> {
  const writers = new Writers(() => apis);
  const end = new AbortController();
  const agent = await follow(() => apis, 'public', end.signal);
  await writers.start(16);
  await until('writes', () => writers.count > 32);
  await failure(writers);
  const then = writers.count;
  await until('writes again', () => writers.count > then + 48, 30_000);
  await writers.stop();
  await writers.verify();
  const heads = await writers.heads();
  await until('the agent to have all', () => isDeepStrictEqual(agent.told, heads));
  end.abort();
  await agent.done;
  return writers.refused;
}

/** How, why not here if so, and what does it. */
const cuts: [string, () => string | undefined, (target: string) => Promise<Network>][] = [
  ['by a proxy that passes nothing on', () => undefined, startNetwork],
  ['at the cable of a network namespace', noNamespace, startNamespace],
];

describe('while writers write', () => {
  test('PostgreSQL is restarted: they are told 503, and go on', async () => {
    await connected(await startNetwork(socket()));
    const refused = await under(() => server.restart());
    expect(Object.keys(refused)).toEqual(['503']);
  });

  test.for(cuts)(
    'the network is cut %s: they are told 503 though nothing answers, and go on when it is back',
    async ([, reason, start], { skip }) => {
      const why = reason();
      if (why) skip(why);
      await connected(await start(socket()));
      const refused = await under(async (writers) => {
        network.cut();
        await until('503s', () => (writers.refused['503'] ?? 0) >= 16);
        network.heal();
      });
      expect(Object.keys(refused)).toEqual(['503']);
    },
  );

  test('connections run out: they are told 503, and go on when there are some', async () => {
    await connected(await startNetwork(socket()));
    const refused = await under(async (writers) => {
      const hogs: pg.Client[] = [];
      await until('503s', async () => {
        await hog(hogs);
        const { status } = await call(apis[0]!, 'GET', '/readyz');
        return status === 503 && (writers.refused['503'] ?? 0) >= 16;
      });
      expect((await call(apis[0]!, 'GET', '/healthz')).status).toBe(200);
      await Promise.all(hogs.map((client) => client.end()));
    });
    expect(Object.keys(refused)).toEqual(['503']);
  });
});

/** Takes every connection there is, those of the API too; one that was just being made is found by the next call. */
async function hog(taken: pg.Client[]): Promise<void> {
  const at = new URL(database);
  for (let full = false; !full; ) {
    const client = new pg.Client({
      host: server.socket,
      database: at.pathname.slice(1),
      user: decodeURIComponent(at.username),
      password: decodeURIComponent(at.password),
    });
    client.on('error', () => {});
    full = await client.connect().then(
      () => taken.push(client) === 0,
      () => true,
    );
  }
  await taken[0]!.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gatehouse'");
}
