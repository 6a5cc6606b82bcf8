import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { WrongSetting } from '../../wire/wrong-setting.ts';
import { type D1Database, d1Driver } from './d1.ts';
import type { Driver } from './driver.ts';

const CONFIG = new URL('../../wrangler.toml', import.meta.url).pathname;

/**
 * Opens a D1 database of `wrangler.toml` outside a Worker. By default, this is the local database that `npm run
 * worker:dev` keeps in a folder. If the binding has `remote = true` beside its `database_id`, it is the database at
 * Cloudflare. https://developers.cloudflare.com/workers/wrangler/api/#getplatformproxy
 *
 * @param binding the name of the binding, such as `DB`
 * @throws WrongSetting when the binding does not exist
 * @throws Error when wrangler is not installed
 */
export async function openD1Binding(binding: string): Promise<Driver> {
  process.env.WRANGLER_LOG ??= 'none';
  process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= 'false';
  const { getPlatformProxy, unstable_readConfig: readConfig } = await import('wrangler').catch((cause: unknown) => {
    throw new Error('A D1 database is reached through wrangler: install what the checkout lists with `npm ci`.', {
      cause,
    });
  });
  const { GATEHOUSE_WORKER_FOLDER = '.gatehouse/worker', CLOUDFLARE_ENV = '' } = process.env;
  const { name, compatibility_date, d1_databases } = readConfig({ config: CONFIG, env: CLOUDFLARE_ENV });
  const bound = d1_databases.filter((database: { binding: string }) => database.binding === binding);
  if (bound.length === 0) throw new WrongSetting(`wrangler.toml binds no D1 database as ${binding}: write d1:DB.`);

  // The temporary configuration contains only the database binding, because wrangler would warn about the other parts
  // of the Worker.
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-d1-'));
  const configPath = join(folder, 'wrangler.json');
  writeFileSync(configPath, JSON.stringify({ name, compatibility_date, d1_databases: bound }));
  const persist = { path: resolve(GATEHOUSE_WORKER_FOLDER, 'v3') };
  const proxy = await getPlatformProxy<Record<string, D1Database>>({ configPath, persist });
  const close = async () => {
    await proxy.dispose();
    rmSync(folder, { recursive: true });
  };
  return { ...d1Driver(proxy.env[binding]!), close };
}
