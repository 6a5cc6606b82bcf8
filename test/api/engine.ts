import { Writable } from 'node:stream';
import { inject } from 'vitest';
import type { App } from '../../api/app.ts';
import { startApi } from '../../api/serve.node.ts';
import { readSettings } from '../../api/settings.ts';
import type { Name } from '../../api/store/dialect.ts';
import type { Driver } from '../../api/store/driver.ts';
import { openDatabase } from '../../api/store/open.node.ts';
import type { Store } from '../../api/store/store.ts';
import { copyOf } from '../postgres/server.ts';
import { serveWorker } from '../workers/serve.ts';

/** The API over a new database. The environment of the test run chooses the engine of the database. */
interface Served {
  url: string;
  /** Direct access to the database, without the API. */
  store: Store;
  /** Opens the same database for a tool, which closes it. An in-memory one opens another. */
  database(): Promise<{ dialect: Name; driver: Driver }>;
  /** Present when the API runs in this process. */
  app?: App;
  /** Returns the lines that the API has logged. */
  logged(): string[];
  close(): Promise<void>;
}

export const SEALING_KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`;

/** The reason why a test does not run on this engine; undefined when the API runs in this process. */
export const elsewhere =
  inject('worker') === undefined ? undefined : 'the API runs in workerd: nothing of it is in reach';

export async function serve(settings: Record<string, string>): Promise<Served> {
  const [worker, template] = [inject('worker'), inject('postgres')];
  if (worker !== undefined) return onWorkers(worker, { GATEHOUSE_SEALING_KEYS: SEALING_KEYS, ...settings });
  if (template === undefined) return onNode({ GATEHOUSE_STORE: 'sqlite::memory:', ...settings });
  return onNode({ GATEHOUSE_STORE: await copyOf(template), GATEHOUSE_SEALING_KEYS: SEALING_KEYS, ...settings });
}

async function onNode(settings: Record<string, string>): Promise<Served> {
  const lines: string[] = [];
  const log = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const api = await startApi(readSettings({ GATEHOUSE_LISTEN: '127.0.0.1:0', ...settings }), log);
  const store = settings.GATEHOUSE_STORE!;
  return { ...api, store: api.app.services.store, database: () => openDatabase(store), logged: () => lines };
}

async function onWorkers(folder: string, settings: Record<string, string>): Promise<Served> {
  const worker = await serveWorker(folder, settings);
  // The first request migrates the database, which tests also use without the API.
  await fetch(`${worker.url}/readyz`);
  // On a local Workers runtime, no cron trigger fires.
  const pause = Number(settings.GATEHOUSE_RETENTION ?? 0);
  let closing = false;
  const cron = (async () => {
    while (pause > 0 && !closing) {
      await worker.scheduled();
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  })();
  const close = async () => {
    closing = true;
    await cron;
    await worker.close();
  };
  const driver = { ...worker.driver, close: async () => {} };
  return { ...worker, database: async () => ({ dialect: 'sqlite', driver }), logged: worker.logs, close };
}
