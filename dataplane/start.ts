import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { notListening } from '../wire/why-not-listening.ts';
import { Agent } from './agent.ts';
import { lockFolder } from './folder-lock.ts';
import { createLog } from './log.ts';
import { types } from './serve/types/index.ts';
import type { AgentSettings } from './settings.ts';
import { healthServer } from './status/health.ts';
import { Metrics } from './status/metrics.ts';
import { startXdsServer } from './xds/server.ts';

export interface RunningAgent {
  /** The address at which xDS is served: `unix:/path`, or `host:port` with the port that was bound. */
  xds: string;
  /** The address of the HTTP server for health, metrics and dumps, in the same form. */
  health: string;
  close(): Promise<void>;
}

/** The number of load reports per idle time. So a host is evicted at most a quarter of the idle time late. */
const REPORTS_UNTIL_IDLE = 4;

/**
 * Starts an agent. The agent serves its replica immediately, even if the API does not answer.
 *
 * @returns the running agent, once its xDS and HTTP servers accept connections
 * @throws FolderInUse when another agent uses the data folder, because two agents cannot share a replica
 * @throws Error when one of the addresses cannot be bound
 */
export async function startAgent(settings: AgentSettings): Promise<RunningAgent> {
  const lock = lockFolder(settings.data);
  const log = createLog(settings.logLevel, 'agent');
  const metrics = new Metrics();
  const agent = new Agent(settings, log, metrics);
  const xds = await startXdsServer({
    address: settings.xds,
    accept: (stream) => agent.clients.accept(stream),
    types,
    loads: {
      interval: settings.hostIdle / REPORTS_UNTIL_IDLE,
      used: (node, clusters) => agent.clients.evictIdle(node, clusters),
    },
    challenges: agent.challenges,
    log,
  });
  const health = healthServer(agent, metrics);
  const address = await listen(health, settings.health);
  log.info({ xds: xds.address, health: address, fleet: settings.fleet }, 'the agent serves');
  return {
    xds: xds.address,
    health: address,
    async close() {
      health.close();
      health.closeAllConnections();
      await agent.close();
      await xds.close();
      lock.release();
    },
  };
}

function listen(server: Server, address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(notListening(address, 'GATEHOUSE_HEALTH (--health)', cause)));
    if (address.startsWith('unix:')) {
      rmSync(address.slice(5), { force: true });
      server.listen(address.slice(5), () => resolve(address));
      return;
    }
    const colon = address.lastIndexOf(':');
    server.listen(Number(address.slice(colon + 1)), address.slice(0, colon), () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound ? `${bound.address}:${bound.port}` : address);
    });
  });
}
