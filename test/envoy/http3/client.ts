/** A real HTTP/3 client, in Python, because Node has none. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const VERSION = '1.7.2';
const HERE = dirname(fileURLToPath(import.meta.url));
const CACHE = join(HERE, '..', '..', '..', '.cache', 'python');
const PACKAGES = join(CACHE, `aioquic-${VERSION}`);

/** Whether the client can run. It installs the package once, into the folder `.cache` of the checkout. */
export function canSpeakHttp3(): boolean {
  if (existsSync(PACKAGES)) return true;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'install-'));
  try {
    const options = ['--quiet', '--disable-pip-version-check', '--only-binary=:all:', '--target', folder];
    execFileSync('python3', ['-m', 'pip', 'install', ...options, `aioquic==${VERSION}`], { stdio: 'ignore' });
    if (!existsSync(PACKAGES)) renameSync(folder, PACKAGES);
    return true;
  } catch (error) {
    console.warn(`aioquic was not installed, so tests of HTTP/3 are skipped: ${(error as Error).message}`);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Http3Request {
  port: number;
  /** The server name of the handshake; default: `host`. */
  serverName?: string;
  host: string;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  /** Paths of PEM files. */
  pair?: { certificate: string; key: string } | undefined;
  /** Requests with the same name use one connection; default: a connection of its own. */
  connection?: string;
  /** How long the client waits for the handshake; seconds, default 8. Envoy answers nothing to names without a chain. */
  patience?: number;
}

export interface Http3Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Several connections of one client process. */
export class Http3Client {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Http3Answer & { error?: string }) => void>();
  #next = 0;

  constructor() {
    this.#process = spawn('python3', [join(HERE, 'client.py')], {
      env: { ...process.env, PYTHONPATH: PACKAGES },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      const { id, ...answer } = JSON.parse(line);
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  /** @returns `refused` when the client gets no answer, for example because the handshake fails */
  async get({ host, serverName = host, pair, connection, ...request }: Http3Request): Promise<Http3Answer | 'refused'> {
    const id = this.#next++;
    const answer = new Promise<Http3Answer & { error?: string }>((resolve) => this.#waiting.set(id, resolve));
    const line = { id, connection: connection ?? `own-${id}`, serverName, authority: host, ...request, ...pair };
    this.#process.stdin!.write(`${JSON.stringify(line)}\n`);
    const received = await answer;
    return received.error === undefined ? received : 'refused';
  }

  close(): void {
    this.#process.kill();
  }
}
