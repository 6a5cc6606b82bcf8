import { execFileSync, spawn } from 'node:child_process';
import { randomBytes, type X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Agent, request } from 'undici';
import { AcmeProxy } from './acme-proxy.ts';
import { Authority } from './authority.ts';
import { until } from './process.ts';
import { freePort } from './stack.ts';

const VERSION = 'v2.10.3';
const CACHE = join(import.meta.dirname, '..', '..', '.cache', 'pebble', VERSION);

/** Finds Pebble, or builds it with Go. Undefined on a machine without both. */
export function findPebble(): { pebble: string; challtestsrv: string } | undefined {
  const found = (name: string) =>
    [CACHE, ...(process.env.PATH ?? '').split(delimiter)].map((folder) => join(folder, name)).find(existsSync);
  const programs = () => ({ pebble: found('pebble'), challtestsrv: found('pebble-challtestsrv') });
  if (!programs().pebble || !programs().challtestsrv)
    try {
      mkdirSync(CACHE, { recursive: true });
      const path = `${process.env.PATH}${delimiter}/usr/local/go/bin`;
      const commands = ['pebble', 'pebble-challtestsrv'].map(
        (name) => `github.com/letsencrypt/pebble/v2/cmd/${name}@${VERSION}`,
      );
      execFileSync('go', ['install', ...commands], {
        env: { ...process.env, PATH: path, GOBIN: CACHE },
        stdio: 'pipe',
      });
    } catch {
      return undefined;
    }
  const { pebble, challtestsrv } = programs();
  return pebble && challtestsrv ? { pebble, challtestsrv } : undefined;
}

export interface PebbleOptions {
  /** The ports on which it requests tokens and opens TLS connections. */
  httpPort: number;
  tlsPort: number;
  /** Whether it takes every name for proven, without asking. */
  asksNobody?: boolean;
  /** The lifetime of certificates, in seconds. */
  validity?: number;
}

/** A certificate authority for tests, and the name server in which it finds every name on this machine. */
export class Pebble {
  readonly folder = mkdtempSync(join(tmpdir(), 'pebble-'));
  readonly #children: ReturnType<typeof spawn>[] = [];
  #output = '';
  /** What stands before it. */
  proxy!: AcmeProxy;
  /** The external account to which accounts must be bound, `ID:KEY`. */
  readonly binding = `customer-1:${randomBytes(32).toString('base64url')}`;
  /** The file with the CA of its own https address, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile = join(this.folder, 'ca.pem');
  /** The URL of the management interface of the name server. */
  records = '';
  #ca = '';
  #management = '';

  static async start({
    httpPort,
    tlsPort,
    asksNobody = false,
    validity = 90 * 24 * 3600,
  }: PebbleOptions): Promise<Pebble> {
    const programs = findPebble();
    if (!programs) throw new Error('there is no Pebble, and no Go to build it');
    const pebble = new Pebble();
    const [port, management, dns, records] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const authority = await Authority.create('Pebble');
    const pair = await authority.issue('localhost');
    const file = (name: string, content: string) => {
      writeFileSync(join(pebble.folder, name), content);
      return join(pebble.folder, name);
    };
    pebble.#ca = authority.pem;
    writeFileSync(pebble.caFile, authority.pem);
    const settings = {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate: file('tls.pem', pair.certificateChain),
      privateKey: file('tls.key', pair.privateKey),
      httpPort,
      tlsPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: true,
      externalAccountMACKeys: Object.fromEntries([pebble.binding.split(':')]),
      retryAfter: { authz: 1, order: 1 },
      profiles: { default: { description: 'the only one', validityPeriod: validity } },
    };
    const config = file('pebble.json', JSON.stringify({ pebble: settings }));
    pebble.records = `http://127.0.0.1:${records}`;
    pebble.#management = `https://localhost:${management}`;
    const off = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-doh', ''];
    const address = ['-defaultIPv4', '127.0.0.1', '-defaultIPv6', ''];
    pebble.#run(programs.challtestsrv, [
      '-dnsserver',
      `127.0.0.1:${dns}`,
      '-management',
      `127.0.0.1:${records}`,
      ...off,
      ...address,
    ]);
    pebble.#run(programs.pebble, ['-config', config, '-dnsserver', `127.0.0.1:${dns}`, '-strict'], {
      PEBBLE_VA_NOSLEEP: '1',
      PEBBLE_WFE_NONCEREJECT: '20',
      PEBBLE_VA_ALWAYS_VALID: asksNobody ? '1' : '0',
    });
    pebble.proxy = await AcmeProxy.start(port, authority.pem, pair);
    await until('Pebble', () => pebble.root()).catch((error) => {
      throw new Error(`Pebble did not start: ${pebble.#output}`, { cause: error });
    });
    return pebble;
  }

  get output(): string {
    return this.#output;
  }

  /** Returns the root of the certificates that it issues, as PEM. */
  async root(): Promise<string> {
    const dispatcher = new Agent({ connect: { ca: this.#ca } });
    const { body } = await request(`${this.#management}/roots/0`, { dispatcher });
    return body.text();
  }

  /** Makes it suggest when a certificate should be renewed (RFC 9773). */
  async suggest(certificate: X509Certificate, suggestedWindow: { start: string; end: string }): Promise<void> {
    const body = JSON.stringify({
      Certificate: certificate.toString(),
      ARIResponse: JSON.stringify({ suggestedWindow }),
    });
    const dispatcher = new Agent({ connect: { ca: this.#ca } });
    // Pebble rejects requests without this header.
    const options = { method: 'POST', headers: { 'user-agent': 'test' }, body, dispatcher } as const;
    const answer = await request(`${this.#management}/set-renewal-info/`, options);
    if (answer.statusCode !== 200) throw new Error(`Pebble answered ${answer.statusCode}: ${await answer.body.text()}`);
  }

  /** Changes the name server: `set-txt`, `add-a`, `set-servfail` and others. */
  async dns(command: string, body: object): Promise<void> {
    await fetch(`${this.records}/${command}`, { method: 'POST', body: JSON.stringify(body) });
  }

  #run(program: string, args: string[], env: Record<string, string> = {}): void {
    const child = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const take = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-1_000_000);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    this.#children.push(child);
  }

  async stop(): Promise<void> {
    this.proxy?.stop();
    await Promise.all(
      this.#children.map((child) => {
        if (child.exitCode !== null) return undefined;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        return ended;
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }
}
