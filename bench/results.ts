import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { projectFile } from '../cli/process/project-file.ts';
import { ENVOY_VERSION } from '../dataplane/envoy/find.ts';

/** One line of a file of results. */
export interface Saved {
  command: string;
  /** The arguments after `npm run bench --`. */
  args: string;
  at: string;
  commit: string;
  machine: string;
  envoy: string;
  node: string;
  result: Record<string, unknown>;
}

const FOLDER = projectFile('bench/results');

/** Adds a result to the committed ones, from which `report` draws. */
export function save(command: string, result: object): void {
  mkdirSync(FOLDER, { recursive: true });
  const saved: Saved = {
    command,
    args: process.argv.slice(2).join(' '),
    at: new Date().toISOString(),
    commit: commit(),
    machine: machine(),
    envoy: ENVOY_VERSION,
    node: process.versions.node,
    result: result as Record<string, unknown>,
  };
  appendFileSync(join(FOLDER, `${command}.jsonl`), `${JSON.stringify(saved)}\n`);
}

/** All saved results. Those of one command are in order, oldest first. */
export function saved(): Saved[] {
  if (!existsSync(FOLDER)) return [];
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl'));
  return files.sort().flatMap((name) =>
    readFileSync(join(FOLDER, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Saved),
  );
}

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, Linux ${release().split('-')[0]}`;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
