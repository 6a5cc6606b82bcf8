import { hash } from 'node:crypto';
import { type App, createApp } from '../../api/app.ts';
import { textMetrics } from '../../api/observe/text-metrics.ts';
import { readSettings } from '../../api/settings.ts';
import type { Driver } from '../../api/store/driver.ts';
import { migrate } from '../../api/store/migrate.ts';
import { openDatabase } from '../../api/store/open.node.ts';
import { createStore } from '../../api/store/store.ts';
import { registerOperator } from '../../api/tokens/bootstrap.ts';
import type { Ask } from '../history/workload.ts';

const OPERATOR = 'gh_operator_for_the_tests_only';
/** For `examine` too. */
export const sha256 = (text: string): string => hash('sha256', text);
const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** Called before each read and each batch, with the SQL of its statements. */
type Before = (what: 'read' | 'batch', statements: readonly string[]) => Promise<unknown>;

/** One of several processes of the API on one database. It gets no notices of the others. */
export interface ApiProcess {
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): ReturnType<Ask>;
  /** Holds the next batch that writes a revision, before the database gets it. */
  holdRevision(): { reached: Promise<void>; release(): void };
  app: App;
}

/**
 * Starts API processes on a database, which is migrated first.
 *
 * @param before awaited before each read and each batch
 */
export async function startProcesses(url: string, count: number, before: Before = async () => {}) {
  const { dialect, driver: first, migrations } = await openDatabase(url, { create: true });
  await migrate(first, migrations);
  const drivers = [first];
  await registerOperator(createStore(dialect, first), OPERATOR, sha256);
  const processes: ApiProcess[] = [];
  for (let index = 0; index < count; index++) {
    // SQLite runs one batch at a time, whichever process sends it.
    const real = dialect === 'sqlite' || index === 0 ? first : (await openDatabase(url)).driver;
    if (real !== first) drivers.push(real);
    processes.push(await startProcess(dialect, real, before));
  }
  const close = async () => {
    for (const driver of drivers) await driver.close();
  };
  return { processes, dialect, driver: first, store: createStore(dialect, first), close };
}

async function startProcess(
  dialect: Parameters<typeof createStore>[0],
  real: Driver,
  before: Before,
): Promise<ApiProcess> {
  let held: { arrive(): void; released: Promise<void> } | undefined;
  const driver: Driver = {
    all: async (sql, params) => {
      await before('read', [sql]);
      return real.all(sql, params);
    },
    batch: async (statements) => {
      await before(
        'batch',
        statements.map(({ sql }) => sql),
      );
      const due = held;
      if (due && statements.some(({ sql }) => sql.startsWith('insert into "revision"'))) {
        held = undefined;
        due.arrive();
        await due.released;
      }
      return real.batch(statements);
    },
    close: async () => {},
  };
  const app = await createApp({
    store: createStore(dialect, driver),
    settings: {
      ...readSettings({ GATEHOUSE_DOMAIN_PROOF: 'optional', GATEHOUSE_DELETION_GRACE_DAYS: '0' }),
      rateLimit: 0,
      sealingKeys: `k:${Buffer.alloc(32).toString('base64')}`,
    },
    log: silent,
    metrics: textMetrics(),
    sha256,
  });
  return {
    app,
    async ask(method, path, body, headers = {}) {
      const payload = body === undefined ? {} : { body: JSON.stringify(body) };
      const all = { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json', ...headers };
      const response = await app.fetch(new Request(`http://api${path}`, { method, headers: all, ...payload }));
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    },
    holdRevision() {
      const { promise: reached, resolve: arrive } = Promise.withResolvers<void>();
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      held = { arrive, released };
      return { reached, release };
    },
  };
}
