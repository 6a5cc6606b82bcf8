import { env } from 'cloudflare:workers';
import { type App, createApp } from '../app.ts';
import { transportOf } from '../mail/configured.ts';
import { textMetrics } from '../observe/text-metrics.ts';
import { requireRightKeys } from '../secrets/verify.ts';
import { readSettings, type Settings } from '../settings.ts';
import type { D1Database } from '../store/d1.ts';
import type { News } from '../store/news.ts';
import { openD1 } from '../store/open.worker.ts';
import { registerOperator } from '../tokens/bootstrap.ts';
import { workersTransport } from './dns-transport.ts';
import { consoleLog } from './log.ts';
import type { Namespace } from './news.ts';
import type { Env } from './respond.ts';

interface Bindings {
  DB: D1Database;
  FLEET_FEED: Namespace;
}

export const bindings = env as unknown as Bindings;

/**
 * Reads the settings from variables and secrets. Bindings are not settings.
 *
 * @throws Error when a setting is missing or invalid
 */
export function workerSettings(): Settings & { sealingKeys: string } {
  const { GATEHOUSE_STORE: store, ...texts } = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  if (store !== undefined || typeof bindings.DB?.batch !== 'function')
    throw new Error(
      'On Workers the store is a D1 database bound as DB ([[d1_databases]] in wrangler.toml), not GATEHOUSE_STORE.',
    );
  const settings = readSettings(texts);
  const { sealingKeys } = settings;
  if (sealingKeys === undefined)
    throw new Error(
      'GATEHOUSE_SEALING_KEYS must be set: run `wrangler secret put GATEHOUSE_SEALING_KEYS` and enter id:KEY, with a KEY from `openssl rand -base64 32`.',
    );
  if (settings.breachedPasswords !== undefined)
    throw new Error('GATEHOUSE_BREACHED_PASSWORDS needs a file, which Workers do not have.');
  // The cron trigger runs the jobs once per minute.
  const atLeastOneMinute = (ms: number) => Math.max(ms, 60_000);
  return {
    ...settings,
    endpointExpiry: atLeastOneMinute(settings.endpointExpiry),
    mailInterval: atLeastOneMinute(settings.mailInterval),
    sealingKeys,
  };
}

/** Creates the API on the D1 binding, for one isolate or one Durable Object. */
export async function composeApp(settings: ReturnType<typeof workerSettings>, news: News): Promise<App> {
  const store = await openD1(bindings.DB, news);
  await requireRightKeys(store, settings.sealingKeys);
  if (settings.operatorToken) await registerOperator(store, settings.operatorToken);
  return createApp({
    store,
    settings,
    log: consoleLog(settings.logLevel),
    metrics: textMetrics(),
    mail: transportOf(settings),
    dns: workersTransport,
    remoteOf: (from) => (from as Env).remote,
    defer: (from, work) => (from as Env).waitUntil?.(work),
  });
}
