import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { openDatabase } from '../../api/store/open.node.ts';
import { issue } from '../api/certificates/authority.ts';
import { gateway, type Harness, harness, route, SHARED_FLEET, tenantWithRoute } from '../api/harness.ts';
import { copyOf } from '../postgres/server.ts';

export const SEALING = { GATEHOUSE_SEALING_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}` };

/** The URL of a new, empty database of the engine this run is about. */
export async function newDatabase(): Promise<string> {
  const template = inject('postgres');
  if (template !== undefined) return copyOf(template);
  return newFile();
}

export const newFile = (): string => `sqlite:${join(mkdtempSync(join(tmpdir(), 'gatehouse-keeping-')), 'data.db')}`;

export const serve = (url: string): Promise<Harness> => harness({ GATEHOUSE_STORE: url, ...SEALING });

/** Two tenants with some history: a certificate, a delete, a restore; a fleet, tokens. */
export async function fill(api: Harness): Promise<void> {
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'acme');
  await tenantWithRoute(api, 'rival');
  const at = '/v1/tenants/acme';
  const { certificateChain, privateKey } = await issue(['acme.example.com']);
  await api.put(`${at}/certificates/web`, { certificateChain, privateKey });
  for (const timeout of ['1s', '2s', '3s']) await api.put(`${at}/routes/web`, route('acme.example.com', timeout));
  await api.put(`${at}/gateways/edge`, gateway('acme.example.com', '*.acme.example.net'));
  await api.remove(`${at}/routes/web`);
  await api.post(`${at}/revisions`, { restore: 2 });
  await api.post(`${at}/tokens`, { scopes: ['read'] });
}

/** Fills one database, and returns the URL of a new copy of it each time: to fill another one takes longer. */
function copies(open: () => Promise<string> | string): () => Promise<string> {
  let first: Promise<string> | undefined;
  const make = async () => {
    const url = await open();
    const api = await serve(url);
    await fill(api);
    await api.close();
    return url;
  };
  return async () => {
    first ??= make();
    const url = await first;
    if (!url.startsWith(SQLITE)) return copyOf(url);
    const copy = newFile();
    copyFileSync(url.slice(SQLITE.length), copy.slice(SQLITE.length));
    return copy;
  };
}

const SQLITE = 'sqlite:';

/** The URL of a new database of the engine this run is about, with what `fill` writes. */
export const filledDatabase = copies(newDatabase);
/** The same, always on SQLite. */
export const filledFile = copies(newFile);

/** Runs statements past everything that would keep the database whole. */
export async function damage(url: string, ...statements: string[]): Promise<void> {
  const { driver } = await openDatabase(url);
  await driver.batch(statements.map((sql) => ({ sql, params: [] })));
  await driver.close();
}
