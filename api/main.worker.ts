import type { App } from './app.ts';
import { requestIdOf } from './http/pipeline.ts';
import { runDue } from './jobs/schedule.ts';
import { Problem, problemResponse } from './problem.ts';
import { bindings, composeApp, workerSettings } from './workers/compose.ts';
import { consoleLog } from './workers/log.ts';
import { workersNews } from './workers/news.ts';
import { respond } from './workers/respond.ts';

export { FleetFeed } from './workers/fleet-feed.ts';

/** What agents wait on is in one place a fleet; everything else is answered by whichever isolate was asked. */
const FEED = /^\/v1\/fleets\/([a-z0-9-]{1,63})\/feed$/;

const RUN_FOR_MS = 60_000;

let composed: App | undefined;

/** Two first requests compose two: a promise of another request's must not be waited for, it may end with it. */
async function app(): Promise<App> {
  if (composed) return composed;
  const settings = workerSettings();
  return (composed = await composeApp(settings, workersNews(bindings.FLEET_FEED, consoleLog(settings.logLevel))));
}

async function answer(request: Request): Promise<Response> {
  try {
    return await respond(await app(), request);
  } catch (err) {
    // It cannot start: its settings say so, or its database. The log tells what was expected, a caller only that it is not their fault.
    consoleLog('error').error({ err }, 'not started');
    return problemResponse(
      new Problem('unavailable', { headers: { 'retry-after': '5' } }),
      requestIdOf(request.headers),
    );
  }
}

export default {
  async fetch(request: Request, _env: unknown, ctx: { waitUntil(promise: Promise<unknown>): void }): Promise<Response> {
    const fleet = FEED.exec(new URL(request.url).pathname)?.[1];
    if (fleet !== undefined) return bindings.FLEET_FEED.getByName(fleet).fetch(request);
    const response = answer(request);
    // A caller that hangs up ends nothing that was begun.
    ctx.waitUntil(response);
    return response;
  },

  /** Runs the jobs that are due. What one run has no time for, the next one does. */
  async scheduled(): Promise<void> {
    await runDue((await app()).services, AbortSignal.timeout(RUN_FOR_MS));
  },
};
