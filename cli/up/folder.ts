import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { FolderInUse, type FolderLock, lockFolder } from '../../dataplane/folder-lock.ts';
import { makeFolder } from '../../wire/make-folder.node.ts';
import { requireOwnFolder } from '../../wire/own-folder.node.ts';
import { Failure, UsageError } from '../process/failure.ts';

/** The files of `up` and their paths. Only the owner can read them. */
export interface Folder {
  path: string;
  /** Tokens and the fleet of this installation; see credentials.ts. */
  secrets: string;
  /** The URL and the token of the demo tenant, for the option `--profile` of commands. */
  profile: string;
  /** Only the token of the tenant, for `$(cat …)` in a shell. */
  token: string;
  ca: string;
  /** E-mail that the API sends, one file per message. */
  mail: string;
  logs: string;
  agent: string;
  sockets: { xds: string; probe: string; admin: string };
  release(): void;
}

/**
 * The maximum length of a socket path, in bytes. `sockaddr_un.sun_path` has 108 bytes on Linux and 104 bytes on macOS,
 * including the final zero.
 */
const LONGEST_SOCKET = 103;

/** The default folder. Workers and agents may have begun to fill it. */
const DEFAULT = '.gatehouse';
/** The files of which every start leaves at least one. */
const FILES = ['lock', 'secrets.json', 'api.sqlite', 'sealing.key'];

/**
 * Checks that `up` may fill a folder. It changes nothing.
 *
 * @returns whether an earlier start filled the folder
 * @throws WrongSetting when the folder contains only files of others
 */
export function isOwnFolder(path: string): boolean {
  const root = resolve(path);
  return basename(root) === DEFAULT ? existsSync(root) : requireOwnFolder(root, FILES, '--data');
}

/**
 * Creates the folder if necessary, and locks it.
 *
 * @throws WrongSetting when the folder contains only files of others
 * @throws UsageError when the folder cannot be created
 * @throws Failure when another `up` uses the folder
 */
export function openFolder(path: string): Folder {
  isOwnFolder(path);
  const root = resolve(path);
  const at = (...names: string[]) => join(root, ...names);
  try {
    for (const folder of [root, at('ca'), at('mail'), at('logs'), at('agent')]) makeFolder(folder, 0o700);
    chmodSync(root, 0o700);
  } catch (error) {
    throw new UsageError(
      `The data folder ${root} cannot be created: ${(error as Error).message}. Choose another with --data.`,
    );
  }
  const holder = at('up.pid');
  const lock = hold(root, holder);
  const sockets = socketFolder(root);
  for (const name of ['xds', 'probe', 'admin']) rmSync(join(sockets, `${name}.sock`), { force: true });
  return {
    path: root,
    secrets: at('secrets.json'),
    profile: at('profile.json'),
    token: at('token'),
    ca: at('ca'),
    mail: at('mail'),
    logs: at('logs'),
    agent: at('agent'),
    sockets: {
      xds: join(sockets, 'xds.sock'),
      probe: join(sockets, 'probe.sock'),
      admin: join(sockets, 'admin.sock'),
    },
    release: () => {
      rmSync(holder, { force: true });
      lock.release();
    },
  };
}

/**
 * Locks the folder, because two `up` on one folder would overwrite each other's database and sockets.
 *
 * @param holder file that contains the id of the process that has the lock
 */
function hold(root: string, holder: string): FolderLock {
  try {
    const lock = lockFolder(root);
    writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
    return lock;
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    const pid = read(holder);
    const [which, stop] = pid ? [` (process ${pid})`, ` or \`kill ${pid}\``] : ['', ''];
    throw new Failure(
      `Gatehouse already runs on ${root}${which}. Stop it with Ctrl-C there${stop}, or choose another folder with --data.`,
    );
  }
}

function read(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** Returns the folder for sockets: `run` in the data folder, unless its path is too long for a socket. */
function socketFolder(root: string): string {
  const own = join(root, 'run');
  if (Buffer.byteLength(join(own, 'admin.sock')) <= LONGEST_SOCKET) {
    makeFolder(own, 0o700);
    return own;
  }
  // The name contains a hash of the data folder, so the next start finds the same folder. It also contains the user id,
  // so that different users have different folders.
  const short = join(
    tmpdir(),
    `gatehouse-${process.getuid?.() ?? 0}-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`,
  );
  makeFolder(short, 0o700);
  // This fails when another user created the folder first. Then the folder is not safe for a control socket.
  try {
    chmodSync(short, 0o700);
  } catch {
    throw new Failure(`${short} belongs to another user. Choose a data folder with a shorter path with --data.`);
  }
  return short;
}
