import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure } from './failure.ts';

/** What `up` keeps, and where. Everything in it is the owner's alone. */
export interface Folder {
  path: string;
  /** Tokens and the fleet of this installation; see credentials.ts. */
  secrets: string;
  /** The tenant's token alone, for `$(cat …)` in a shell. */
  token: string;
  ca: string;
  logs: string;
  agent: string;
  sockets: { xds: string; probe: string; admin: string };
  release(): void;
}

/** sockaddr_un.sun_path on Linux holds 108 bytes with its final zero; macOS has 104. */
const LONGEST_SOCKET = 103;

export function openFolder(path: string): Folder {
  const root = resolve(path);
  const at = (...names: string[]) => join(root, ...names);
  try {
    for (const folder of [root, at('ca'), at('logs'), at('agent')]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(root, 0o700);
  } catch (error) {
    throw new Failure(
      `The data folder ${root} cannot be made: ${(error as Error).message}. Choose another with --data.`,
    );
  }
  const lock = at('up.pid');
  hold(lock, root);
  const sockets = socketFolder(root);
  for (const name of ['xds', 'probe', 'admin']) rmSync(join(sockets, `${name}.sock`), { force: true });
  return {
    path: root,
    secrets: at('secrets.json'),
    token: at('token'),
    ca: at('ca'),
    logs: at('logs'),
    agent: at('agent'),
    sockets: {
      xds: join(sockets, 'xds.sock'),
      probe: join(sockets, 'probe.sock'),
      admin: join(sockets, 'admin.sock'),
    },
    release: () => rmSync(lock, { force: true }),
  };
}

/** Two `up` on one folder would overwrite each other's database and sockets. */
function hold(lock: string, root: string): void {
  const holder = read(lock);
  if (holder && holder !== process.pid && alive(holder)) {
    throw new Failure(
      `Gatehouse already runs on ${root} (process ${holder}). Stop it with Ctrl-C there or \`kill ${holder}\`, or choose another folder with --data.`,
    );
  }
  writeFileSync(lock, `${process.pid}\n`, { mode: 0o600 });
}

function read(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** A process number is used again after a reboot: where the system tells the command line, it must be ours. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return /gatehouse|cli\/main/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return true;
  }
}

/** The data folder's own, unless its path is longer than a socket address may be. */
function socketFolder(root: string): string {
  const own = join(root, 'run');
  if (Buffer.byteLength(join(own, 'admin.sock')) <= LONGEST_SOCKET) {
    mkdirSync(own, { recursive: true, mode: 0o700 });
    return own;
  }
  // Named by the folder, so that the next start finds the same one; by the user, so that nobody else made it.
  const short = join(
    tmpdir(),
    `gatehouse-${process.getuid?.() ?? 0}-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`,
  );
  mkdirSync(short, { recursive: true, mode: 0o700 });
  // Fails when somebody else made it first: then it is not a place for a control socket.
  try {
    chmodSync(short, 0o700);
  } catch {
    throw new Failure(`${short} belongs to somebody else. Choose a data folder with a shorter path with --data.`);
  }
  return short;
}
