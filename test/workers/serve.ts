import { createTestHarness } from 'wrangler';
import { type D1Database, d1Driver } from '../../api/store/d1.ts';
import type { Driver } from '../../api/store/driver.ts';
import { createStore, type Store } from '../../api/store/store.ts';
import { ROOT } from './build.ts';

export interface RunningWorker {
  /** `http://127.0.0.1:8787`, with the port it really has. */
  url: string;
  /** Another isolate's view of its database. */
  store: Store;
  driver: Driver;
  logs(): string[];
  /** What the cron trigger does. */
  scheduled(): Promise<void>;
  /** Ends a fleet's object, as the platform may at any time. */
  evict(fleet: string): Promise<void>;
  close(): Promise<void>;
}

/** The bundled Worker in workerd, with an empty D1 database and a Durable Object namespace of its own, as `wrangler.toml` binds them. */
export async function serveWorker(folder: string, settings: Record<string, string>): Promise<RunningWorker> {
  const { GATEHOUSE_SEALING_KEYS, GATEHOUSE_OPERATOR_TOKEN, ...vars } = settings;
  const secrets = Object.fromEntries(
    Object.entries({ GATEHOUSE_SEALING_KEYS, GATEHOUSE_OPERATOR_TOKEN }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  const server = createTestHarness({
    root: ROOT.pathname,
    workers: [{ configPath: 'wrangler.toml', prebuiltWorkerDir: folder, vars, secrets }],
  });
  const { url } = await server.listen();
  const worker = server.getWorker<{ DB: D1Database }>();
  const driver = d1Driver((await worker.getEnv()).DB);
  return {
    url: url.origin,
    store: createStore('sqlite', driver),
    driver,
    logs: () => server.getLogs().map(({ message }) => message),
    scheduled: async () => void (await worker.scheduled({ cron: '*/10 * * * *' })),
    evict: (name) => worker.evictDurableObject('FLEET_FEED', { name }),
    close: () => server.close(),
  };
}
