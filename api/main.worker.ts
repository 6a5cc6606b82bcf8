import type { App } from './app.ts';
import { requestIdOf } from './http/pipeline.ts';
import { runDue } from './jobs/schedule.ts';
import { deliver } from './mail/deliver.ts';
import { Problem, problemResponse } from './problem.ts';
import { bindings, composeApp, workerSettings } from './workers/compose.ts';
import { consoleLog } from './workers/log.ts';
import { workersNews } from './workers/news.ts';
import { respond } from './workers/respond.ts';

export { FleetFeed } from './workers/fleet-feed.ts';

/** Requests on which agents wait go to one object per fleet. Any isolate answers the others. */
const FEED = /^\/v1\/fleets\/([a-z0-9-]{1,63})\/feed$/;

const RUN_FOR_MS = 60_000;
/** Work after a response is cancelled after 30 s. */
const SEND_FOR_MS = 25_000;

let composed: App | undefined;

/**
 * Two concurrent first requests compose two apps. Never await a promise created by another request: it is cancelled
 * when that request ends.
 */
async function app(): Promise<App> {
  if (composed) return composed;
  const settings = workerSettings();
  return (composed = await composeApp(settings, workersNews(bindings.FLEET_FEED, consoleLog(settings.logLevel))));
}

async function answer(request: Request, waitUntil: (work: Promise<unknown>) => void): Promise<Response> {
  try {
    return await respond(await app(), request, waitUntil);
  } catch (err) {
    // The settings or the database prevent the start. The log says what was expected; the caller only learns that the
    // fault is not theirs.
    consoleLog('error').error({ err }, 'not started');
    return problemResponse(
      new Problem('unavailable', { headers: { 'retry-after': '5' } }),
      requestIdOf(request.headers),
    );
  }
}

/**
 * Sends messages that a request queued, after its response. The cron trigger would send them up to a minute later. It
 * needs no lease, because each message is claimed.
 */
async function sendNewMail(): Promise<void> {
  if (!composed) return;
  const { services } = composed;
  const { mail, log } = services;
  if (mail.transport === undefined || !mail.takeNew()) return;
  await deliver(services, mail.transport, AbortSignal.timeout(SEND_FOR_MS)).catch((err: unknown) =>
    log.warn({ err }, 'the queue of e-mail could not be sent'),
  );
}

export default {
  async fetch(request: Request, _env: unknown, ctx: { waitUntil(promise: Promise<unknown>): void }): Promise<Response> {
    const fleet = FEED.exec(new URL(request.url).pathname)?.[1];
    if (fleet !== undefined) return bindings.FLEET_FEED.getByName(fleet).fetch(request);
    const response = answer(request, (work) => ctx.waitUntil(work));
    // If the caller disconnects, work that has begun continues.
    ctx.waitUntil(response.then(sendNewMail));
    return response;
  },

  /** Runs the jobs that are due. The next run continues what this one had no time for. */
  async scheduled(): Promise<void> {
    await runDue((await app()).services, AbortSignal.timeout(RUN_FOR_MS));
  },
};
