import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Quantiles, quantiles, round } from '../statistics.ts';
import { cpuMs } from '../usage.ts';

const run = promisify(execFile);

export const PROTOCOLS = ['http/1.1', 'http/2', 'http/1.1 tls', 'http/2 tls'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface Target {
  /** Port of 127.0.0.1. */
  port: number;
  host: string;
  path: string;
  headers?: string[];
  /** The Envoy that is measured. */
  pid: number;
  /** For a log of each request. */
  folder: string;
}

export interface Sample {
  per_s: number;
  ms: Quantiles;
  /** CPU time of Envoy. */
  cpu_us: number;
}

/** Enough to keep Envoy's one worker busy. */
const CONNECTIONS = 16;
const HTTP2_STREAMS = 8;

/**
 * Sends as many requests as the target answers, for so many seconds, with h2load.
 *
 * @throws Error when any request failed
 */
export async function load(protocol: Protocol, target: Target, seconds: number): Promise<Sample> {
  const log = join(target.folder, 'requests.log');
  const scheme = protocol.endsWith('tls') ? 'https' : 'http';
  const streams = protocol.startsWith('http/1.1') ? ['--h1'] : ['-m', String(HTTP2_STREAMS)];
  const headers = (target.headers ?? []).flatMap((header) => ['-H', header]);
  const where = [`--connect-to=127.0.0.1:${target.port}`, `${scheme}://${target.host}${target.path}`];
  const args = [
    '-c',
    String(CONNECTIONS),
    '-D',
    String(seconds),
    `--log-file=${log}`,
    ...streams,
    ...headers,
    ...where,
  ];
  const before = cpuMs(target.pid);
  const { stdout } = await run('h2load', args, { timeout: (seconds + 30) * 1000 }).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error("h2load is not installed; it is in Debian's nghttp2-client, and `peers --install` installs it");
  });
  const used = cpuMs(target.pid) - before;
  const good = Number(/^status codes: (\d+) 2xx/m.exec(stdout)?.[1] ?? 0);
  // Requests without a response at the end count neither as succeeded nor as failed.
  const bad = /^status codes: \d+ 2xx, (.*)$/m.exec(stdout)?.[1];
  if (good === 0 || bad !== '0 3xx, 0 4xx, 0 5xx') throw new Error(`${protocol} to ${target.host}: ${stdout}`);
  return { per_s: round(good / seconds, 0), ms: quantiles(durations(log)), cpu_us: round((used * 1000) / good) };
}

/** The third column, microseconds. https://nghttp2.org/documentation/h2load.1.html#cmdoption-h2load-log-file */
function durations(log: string): number[] {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  return lines.map((line) => Number(line.slice(line.lastIndexOf('\t') + 1)) / 1000);
}
