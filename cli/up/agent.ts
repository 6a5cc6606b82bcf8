import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { agentProgram } from '../program.ts';
import { answers } from './api.ts';
import { FLEET } from './fleet.ts';
import { apiUrl, type House } from './house.ts';
import { until } from './waiting.ts';

const SECONDS = 30;

/** Starts the agent and waits until it holds the fleet's first snapshot and Envoys may connect. It is restarted when it ends: its replica is on disk. */
export async function startAgent(house: House): Promise<void> {
  const { supervisor, folder, credentials, options, signal } = house;
  const health = `127.0.0.1:${options.agentPort}`;
  const program = agentProgram(folder.path);
  const child = supervisor.start({
    ...program,
    name: 'agent',
    env: {
      ...program.env,
      GATEHOUSE_API: apiUrl(house),
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
  await until('The agent is ready', listening, { seconds: SECONDS, signal, details: child.lastLines });
  child.ready();
}
