import { ENVOY_VERSION, findEnvoy } from '../../dataplane/envoy/find.ts';
import { openAuthority } from '../../demo/certificates.ts';
import { Interrupted } from '../process/failure.ts';
import { type Chosen, requireFree } from '../process/ports.ts';
import { onSignals } from '../process/signals.ts';
import { Supervisor } from '../process/supervisor.ts';
import { connectTo } from '../remote/client.ts';
import { Progress } from '../terminal/steps.ts';
import { startAgent } from './agent.ts';
import { startApi } from './api.ts';
import { startBookinfo } from './bookinfo.ts';
import { loadCredentials } from './credentials.ts';
import { applyDemo, waitLive } from './demo.ts';
import { startEnvoy } from './envoy.ts';
import { FLEET, prepareFleet } from './fleet.ts';
import { isOwnFolder, openFolder } from './folder.ts';
import type { Installation } from './installation.ts';
import { keepPorts, keptPorts } from './kept-ports.ts';
import { checkPorts, commandOf, type GivenOptions, type Options, wantedPorts } from './options.ts';
import { preparePlatform } from './platform.ts';
import { summary } from './summary.ts';
import { prepareTenant } from './tenant.ts';

/**
 * Starts everything, prints commands to try, and runs until the user stops it.
 *
 * @throws Failure when a step fails, or when a child ends that the other processes need; all children have ended before
 *   that
 */
export async function up(given: GivenOptions): Promise<void> {
  const kept = keptPorts(given.data);
  const options: Options = { ...kept, ...given };
  const wanted = wantedPorts(options);
  checkPorts(wanted);
  const again = (chosen: Chosen) => commandOf(options, kept, chosen);
  // Before a first start, a busy port is reported while nothing is written yet. A folder of an earlier start is locked
  // first, because its own `up` may have the ports.
  if (!isOwnFolder(options.data)) await requireFree(wanted, again);
  const folder = openFolder(options.data);
  const stop = new AbortController();
  const progress = new Progress();
  const supervisor = new Supervisor(
    (line) => progress.say(line),
    (failure) => stop.abort(failure),
  );
  const unlisten = onSignals(stop, () => supervisor.kill());
  try {
    await requireFree(wanted, again);
    const credentials = loadCredentials(folder.secrets);
    const installation: Installation = { options, folder, credentials, supervisor, signal: stop.signal };
    await start(installation, progress);
    // A start that failed may have failed because of its ports.
    keepPorts(folder.path, options);
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

async function start(installation: Installation, progress: Progress): Promise<void> {
  const { options, credentials, signal } = installation;
  const step: Progress['step'] = (name, run, done) =>
    progress.step(name, (note) => Promise.race([run(note), aborted(signal)]), done);
  const envoy = await step(
    `Envoy ${ENVOY_VERSION}`,
    (note) => findEnvoy({ progress: note }),
    (path) => path,
  );
  const url = await step(
    'Control API',
    () => startApi(installation),
    (at) => at,
  );
  const operator = connectTo({ url, token: credentials.operatorToken });
  const authority = await openAuthority(installation.folder.ca);
  const tenant = await step('Fleet, tenants', async () => {
    await prepareFleet(operator, installation);
    await preparePlatform(operator, authority);
    return prepareTenant(operator, installation);
  });
  await step(
    'Agent',
    () => startAgent(installation),
    () => `fleet ${FLEET}`,
  );
  await step(
    'Envoy',
    () => startEnvoy(envoy, operator, installation),
    () => `ports 80 and 443 on ${options.http} and ${options.https}`,
  );
  await step(
    'Bookinfo',
    () => startBookinfo(installation),
    () => `six services on ${options.demoPort}–${options.demoPort + 5}`,
  );
  await step(
    'Configuration',
    async () => {
      const revision = await applyDemo(tenant, installation);
      await waitLive(tenant, revision, installation);
      return revision;
    },
    (revision) => `revision ${revision} is live`,
  );
  progress.say(summary(installation, authority.caFile));
}

/** Never resolves. Rejects with the signal's reason when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
