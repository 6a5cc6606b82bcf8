import { ENVOY_VERSION, findEnvoy } from '../../dataplane/envoy/find.ts';
import { startAgent } from './agent.ts';
import { startApi } from './api.ts';
import { startBookinfo } from './bookinfo.ts';
import { control } from './control.ts';
import { loadCredentials } from './credentials.ts';
import { applyDemo, waitLive } from './demo.ts';
import { startEnvoy } from './envoy.ts';
import { Interrupted } from './failure.ts';
import { FLEET, prepareFleet } from './fleet.ts';
import { openFolder } from './folder.ts';
import type { House } from './house.ts';
import { type Options, requireDistinct, wantedPorts } from './options.ts';
import { requireFree } from './ports.ts';
import { Progress } from './progress.ts';
import { onSignals } from './signals.ts';
import { summary } from './summary.ts';
import { Supervisor } from './supervisor.ts';
import { prepareTenant } from './tenant.ts';

/**
 * Starts everything, tells how to use it, and stays until the user stops it.
 *
 * @throws Failure when a step does not succeed or a child ends that the rest cannot do without; every child is gone by then
 */
export async function up(options: Options): Promise<void> {
  const wanted = wantedPorts(options);
  requireDistinct(wanted);
  const folder = openFolder(options.data);
  const stop = new AbortController();
  const progress = new Progress();
  const supervisor = new Supervisor(
    (line) => progress.say(line),
    (failure) => stop.abort(failure),
  );
  const unlisten = onSignals(stop, () => supervisor.kill());
  try {
    await requireFree(wanted);
    const credentials = loadCredentials(folder.secrets);
    const house: House = { options, folder, credentials, supervisor, signal: stop.signal };
    await Promise.race([start(house, progress), aborted(stop.signal)]);
    await aborted(stop.signal);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    progress.say('\nStopping.');
  } finally {
    await supervisor.stop();
    unlisten();
    folder.release();
  }
}

async function start(house: House, progress: Progress): Promise<void> {
  const { options, credentials } = house;
  const envoy = await progress.step(
    `Envoy ${ENVOY_VERSION}`,
    (note) => findEnvoy({ progress: note }),
    (path) => path,
  );
  const url = await progress.step(
    'Control API',
    () => startApi(house),
    (at) => at,
  );
  const operator = control(url, credentials.operatorToken);
  const tenant = await progress.step('Fleet, tenant', async () => {
    await prepareFleet(operator, house);
    return prepareTenant(operator, house);
  });
  await progress.step(
    'Agent',
    () => startAgent(house),
    () => `fleet ${FLEET}`,
  );
  await progress.step(
    'Envoy',
    () => startEnvoy(envoy, operator, house),
    () => `ports 80 and 443 on ${options.http} and ${options.https}`,
  );
  await progress.step(
    'Bookinfo',
    () => startBookinfo(house),
    () => `six services on ${options.demoPort}–${options.demoPort + 5}`,
  );
  const { caFile } = await progress.step(
    'Configuration',
    async () => {
      const applied = await applyDemo(tenant, house);
      await waitLive(tenant, applied.revision, house);
      return applied;
    },
    ({ revision }) => `revision ${revision} is live`,
  );
  progress.say(summary(house, caFile));
}

/** Never resolves; rejects with the reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
