import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Process, until } from '../../e2e/process.ts';
import { freePort, Stack } from '../../e2e/stack.ts';
import { copyOf, startServer } from '../../postgres/server.ts';

export type Engine = 'sqlite' | 'postgres';

/** A process that can be killed. */
interface Part {
  name: string;
  kill(): Promise<void>;
  /** Resolves when it works again. */
  start(): Promise<void>;
}

export interface World {
  stack: Stack;
  store: string;
  /** Base URLs of the API processes. */
  apis: string[];
  parts: Part[];
  /**
   * The part that was killed last, and the times of the kill and of the recovery in ms. A reported fault contains them to
   * help find its cause.
   */
  last: { name: string; at: number; back: number };
  /** Whether Envoy is up, and since when, in ms. */
  envoy: { isUp: boolean; since: number };
  stop(): Promise<void>;
}

/**
 * All of Gatehouse as processes: one API on SQLite, or two on their own PostgreSQL; an agent; an Envoy that allows
 * short patterns only.
 */
export async function startWorld(engine: Engine): Promise<World> {
  const server = engine === 'postgres' ? await startServer(['-c', 'max_connections=100']) : undefined;
  const database = server ? { GATEHOUSE_STORE: await copyOf(server.url('template1')) } : {};
  const apiEnv = {
    GATEHOUSE_SEALING_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    GATEHOUSE_LOG_LEVEL: 'warn',
    ...database,
  };
  const stack = await Stack.start({ apiEnv, regexLimit: 100 });
  const parts: Part[] = [
    {
      name: 'the API',
      kill: () => stack.api.stop('SIGKILL'),
      start: () => started(stack.api, 'the API', `${stack.apiUrl}/readyz`),
    },
    { name: 'the agent', kill: () => stack.agent.stop('SIGKILL'), start: () => startAgent(stack) },
  ];
  const apis = [stack.apiUrl];
  let second: Process | undefined;
  if (server) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const other = new Process('api/main.node.ts', {
      ...apiEnv,
      GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
      GATEHOUSE_OPERATOR_TOKEN: stack.operator,
    });
    const start = () => started(other, 'the second API', `${url}/readyz`);
    await start();
    apis.push(url);
    parts.push({ name: 'the second API', kill: () => other.stop('SIGKILL'), start });
    second = other;
  }
  const envoy = { isUp: true, since: Date.now() };
  parts.push({
    name: 'Envoy',
    kill: async () => {
      envoy.isUp = false;
      stack.envoy!.kill('SIGKILL');
      await stack.envoy!.exited;
    },
    start: async () => {
      await stack.startEnvoy();
      envoy.since = Date.now();
      envoy.isUp = true;
    },
  });
  const stop = async () => {
    await second?.stop();
    await stack.stop();
    await server?.stop();
  };
  const store = database.GATEHOUSE_STORE ?? `sqlite:${join(stack.folder, 'api.sqlite')}`;
  return { stack, store, apis, parts, last: { name: 'nothing', at: 0, back: 0 }, envoy, stop };
}

/** The limit on a start. A killed part has not stored its compiled code, so it starts slowly on a busy machine. */
const RECOVERY_MS = 120_000;

async function started(api: Process, name: string, ready: string): Promise<void> {
  api.start();
  await until(name, async () => (await fetch(ready)).ok, RECOVERY_MS);
}

async function startAgent(stack: Stack): Promise<void> {
  await stack.startAgent({ ready: false });
  await until('the agent', () => stack.agentAnswers('/readyz'), RECOVERY_MS);
}
