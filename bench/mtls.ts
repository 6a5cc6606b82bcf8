import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Control } from './control.ts';
import type { Stack } from './stack.ts';
import { hostName, LABELS, PORTS, tenantName, VERSION_PATH } from './workload.ts';

/** Hosts of one tenant. They share its CA, and so one filter chain. */
const HOSTS_PER_TENANT = 100;
/** The first number of the tenants of this measurement. */
const FIRST_TENANT = 5_000_000;
/** Hosts of one server of a gateway. */
const HOSTS_PER_SERVER = 250;
/** Connections that stay open while hosts are added. */
const OPEN = 50;
const PATIENCE_MS = 20_000;

/** What the addition of mTLS hosts cost. */
export interface MutualFigures {
  /** From sending the write to the first response of each new host, in ms. */
  toLive: number[];
  /** How many of the open connections were closed. */
  closed: number;
}

/** Hosts whose clients must show a certificate: tenants with a hundred hosts each. */
export class MutualHosts {
  readonly #stack: Stack;
  readonly #control: Control;
  readonly #hosts: string[][] = [];

  private constructor(stack: Stack, control: Control) {
    this.#stack = stack;
    this.#control = control;
  }

  /** Creates so many hosts, and waits until the last one answers. */
  static async create(stack: Stack, control: Control, count: number): Promise<MutualHosts> {
    const all = new MutualHosts(stack, control);
    for (let index = 0; index * HOSTS_PER_TENANT < count; index++) {
      const most = Math.min(HOSTS_PER_TENANT, count - index * HOSTS_PER_TENANT);
      all.#hosts.push(Array.from({ length: most }, (_, host) => all.#host(index, host)));
      await control.request('POST', '/v1/tenants', { name: tenantName(FIRST_TENANT + index) });
      await all.#write(index, true);
    }
    await all.#firstAnswer(all.#hosts.at(-1)!.at(-1)!);
    return all;
  }

  /** Adds hosts one after the other, each to the next tenant, while connections to other hosts are open. */
  async add(count: number): Promise<MutualFigures> {
    const hosts = this.#hosts.flat();
    const sample = Array.from({ length: OPEN }, (_, index) => hosts[Math.floor((index * hosts.length) / OPEN)]!);
    const open = await Promise.all(sample.map((host) => this.#open(host)));
    let closed = 0;
    for (const socket of open) socket.on('close', () => closed++);
    const toLive: number[] = [];
    for (let each = 0; each < count; each++) {
      const index = each % this.#hosts.length;
      const host = this.#host(index, this.#hosts[index]!.length);
      this.#hosts[index]!.push(host);
      const sent = performance.now();
      const [seen] = await Promise.all([this.#firstAnswer(host), this.#write(index, false)]);
      toLive.push(seen - sent);
    }
    const figures = { toLive, closed };
    for (const socket of open) socket.destroy();
    return figures;
  }

  #host(index: number, host: number): string {
    return `h${host}.${hostName(tenantName(FIRST_TENANT + index))}`;
  }

  #write(index: number, isNew: boolean): Promise<unknown> {
    const tenant = tenantName(FIRST_TENANT + index);
    const hosts = this.#hosts[index]!;
    const servers = Array.from({ length: Math.ceil(hosts.length / HOSTS_PER_SERVER) }, (_, at) => ({
      port: { number: PORTS.https, name: `s${at}`, protocol: 'HTTPS' },
      hosts: hosts.slice(at * HOSTS_PER_SERVER, (at + 1) * HOSTS_PER_SERVER),
      tls: { mode: 'MUTUAL', credentialName: 'host', caCertificates: 'clients' },
    }));
    const http = [{ match: [{ uri: { exact: VERSION_PATH } }], directResponse: { status: 200, body: 'v0' } }];
    const { issuer } = this.#stack;
    const puts = [
      ...(isNew
        ? [
            { kind: 'certificate', name: 'host', spec: issuer!.issue(tenant) },
            { kind: 'trustBundle', name: 'clients', spec: { certificates: issuer!.ca } },
            { kind: 'route', name: 'main', spec: { hosts: [`*.${hostName(tenant)}`], gateways: ['main'], http } },
          ]
        : []),
      { kind: 'gateway', name: 'main', spec: { selector: LABELS, servers } },
    ];
    return this.#control.request('POST', `/v1/tenants/${tenant}/revisions`, { puts });
  }

  /** Opens a connection with a client's certificate, and sends one request. @throws Error when it is not served */
  async #open(host: string): Promise<TLSSocket> {
    const { publicPort, issuer } = this.#stack;
    const { certificateChain: cert, privateKey: key } = issuer!.issue(tenantName(0));
    // The certificate of the server is for the tenant's first host only: it verifies, but has another name.
    const identity: ConnectionOptions = { ca: publicPort.ca!, checkServerIdentity: () => undefined };
    const socket = connect({ host: '127.0.0.1', port: publicPort.port, servername: host, cert, key, ...identity });
    return new Promise((resolve, reject) => {
      const fail = (error?: Error) => reject(error ?? new Error('closed'));
      socket.once('error', fail);
      socket.once('close', () => fail());
      socket.once('data', (chunk: Buffer) =>
        /^HTTP\/1\.1 200/.test(chunk.toString('latin1')) ? resolve(socket) : fail(new Error(chunk.toString('latin1'))),
      );
      socket.write(`GET ${VERSION_PATH} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    });
  }

  async #firstAnswer(host: string): Promise<number> {
    let last: unknown;
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await pause(1)) {
      try {
        (await this.#open(host)).destroy();
        return performance.now();
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`${host} was not served within ${PATIENCE_MS} ms: ${(last as Error)?.message}`);
  }
}
