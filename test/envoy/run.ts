import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** The part of pino that is used here. */
interface EnvoyLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface RunOptions {
  /** From findEnvoy. */
  binary: string;
  /** From bootstrap. */
  config: Record<string, unknown>;
  /** Where the bootstrap file is written. */
  folder: string;
  log?: EnvoyLog;
  /** Envoy's own level; default `warning`. */
  level?: string;
  /** How long Envoy, which waits for the agent, may take to have its listeners. Milliseconds, default 30 s; 0 does not wait. */
  readyTimeout?: number;
  /** How long Envoy keeps the connections of a filter chain that was removed. Seconds, default 600. */
  drainSeconds?: number;
}

export interface RunningEnvoy {
  readonly pid: number;
  /** Settles when the process is gone, with its exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Asks the admin interface, by GET unless a method is given. */
  admin(path: string, method?: string): Promise<{ status: number; body: string }>;
  /** Ends it; after 5 s by force. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Lines kept to explain a start that fails. */
const TAIL = 20;

/**
 * Starts Envoy and waits until its listeners are open.
 *
 * @throws Error with the last lines Envoy wrote, when it ends or is not ready in time
 */
export async function runEnvoy({
  binary,
  config,
  folder,
  log,
  level = 'warning',
  readyTimeout = 30_000,
  drainSeconds = 600,
}: RunOptions): Promise<RunningEnvoy> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'envoy.json');
  writeFileSync(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  for (const path of socketsOf(config)) rmSync(path, { force: true });

  const flags = ['--concurrency', workersOf(config), '--use-dynamic-base-id', '--drain-time-s', String(drainSeconds)];
  const child = spawn(binary, ['-c', file, ...flags, '-l', level], { stdio: ['ignore', 'ignore', 'pipe'] });
  const tail: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (tail.push(line) > TAIL) tail.shift();
    if (log) forward(line, log);
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('exit', (code) => resolve(code));
    child.once('error', reject);
  });
  exited.catch(() => {}); // once(child, 'spawn') reports it
  await once(child, 'spawn');
  const envoy = running(child, exited, config);
  if (readyTimeout > 0) await ready(envoy, readyTimeout, tail);
  return envoy;
}

function running(child: ChildProcess, exited: Promise<number | null>, config: Record<string, unknown>): RunningEnvoy {
  return {
    pid: child.pid!, // it has spawned
    exited,
    admin: (path, method = 'GET') => ask(adminOf(config), path, method),
    kill: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      const forced = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(forced);
    },
  };
}

async function ready(envoy: RunningEnvoy, timeout: number, tail: readonly string[]): Promise<void> {
  const explain = (what: string) => new Error([`Envoy ${what}`, ...tail].join('\n'));
  let ended: number | null | undefined;
  void envoy.exited.then((code) => (ended = code));
  for (const deadline = Date.now() + timeout; Date.now() < deadline; await sleep(20)) {
    if (ended !== undefined) throw explain(`ended with ${ended ?? 'a signal'} before it was ready`);
    const answer = await envoy.admin('/ready').catch(() => undefined);
    if (answer?.status === 200) return;
  }
  await envoy.stop();
  throw explain(`was not ready within ${timeout} ms`);
}

/** `[2026-01-31 12:00:00.000][42][warning][config] [source/…:99] text` */
function forward(line: string, log: EnvoyLog): void {
  const [, level = 'warning', component = 'envoy', text = line] =
    /^\[[^\]]*\]\[\d+\]\[(\w+)\]\[([^\]]*)\] (?:\[[^\]]*\] )?(.*)$/.exec(line) ?? [];
  log[LEVELS[level] ?? 'info']({ component }, text);
}

const LEVELS: Record<string, keyof EnvoyLog> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'error',
};

type Address = { pipe?: { path: string }; socket_address?: { address: string; port_value: number } };

function adminOf(config: Record<string, unknown>): Address {
  return (config.admin as { address: Address }).address; // bootstrap() writes it
}

function workersOf(config: Record<string, unknown>): string {
  const node = config.node as { metadata?: { gatehouse?: { workers?: number } } };
  return String(node.metadata?.gatehouse?.workers ?? 1);
}

/** Unix sockets that Envoy itself opens; it does not start over one that a killed process left. */
function socketsOf(config: Record<string, unknown>): string[] {
  const node = config.node as { metadata?: { gatehouse?: { probe?: string } } };
  return [adminOf(config).pipe?.path, node.metadata?.gatehouse?.probe].filter((path) => path !== undefined);
}

function ask(
  { pipe, socket_address: tcp }: Address,
  path: string,
  method: string,
): Promise<{ status: number; body: string }> {
  const target = pipe ? { socketPath: pipe.path } : { host: tcp!.address, port: tcp!.port_value };
  return new Promise((resolve, reject) => {
    const asked = request(
      { ...target, path, method, headers: { host: 'admin' }, timeout: 10_000 },
      async (response) => {
        let body = '';
        response.setEncoding('utf8');
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, body });
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('the admin interface does not answer')));
    asked.on('error', reject);
    asked.end();
  });
}
