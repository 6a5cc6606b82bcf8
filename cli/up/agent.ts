import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { agentProgram } from '../process/program.ts';
import { until } from '../process/waiting.ts';
import { answers } from './api.ts';
import { FLEET } from './fleet.ts';
import { apiUrl, type Installation } from './installation.ts';

const SECONDS = 30;

/**
 * Starts the agent and waits until it has the fleet's first snapshot and Envoys can connect. The supervisor restarts
 * the agent when it ends. Its replica is on disk.
 */
export async function startAgent(installation: Installation): Promise<void> {
  const { supervisor, folder, credentials, options, signal } = installation;
  const health = `127.0.0.1:${options.agentPort}`;
  const program = agentProgram(folder.path);
  const child = supervisor.start({
    ...program,
    name: 'agent',
    env: {
      ...program.env,
      GATEHOUSE_API: apiUrl(installation),
      GATEHOUSE_AGENT_TOKEN: credentials.agentToken ?? '',
      GATEHOUSE_FLEET: FLEET,
      GATEHOUSE_DATA: folder.agent,
      GATEHOUSE_XDS: `unix:${folder.sockets.xds}`,
      GATEHOUSE_HEALTH: health,
      GATEHOUSE_AGENT: 'local',
    },
    log: join(folder.logs, 'agent.log'),
  });
  const listening = async () =>
    (existsSync(folder.sockets.xds) && (await answers(`http://${health}/readyz`))) || undefined;
  await until('The agent did not become ready', listening, { seconds: SECONDS, signal, details: child.lastLines });
  child.ready();
}
