import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentSettings } from '../../dataplane/settings.ts';
import { type RunningAgent, startAgent } from '../../dataplane/start.ts';
import { Configuration, type ConfigurationDocument } from '../../model/configuration.ts';
import { kindIds } from '../../model/kinds/index.ts';
import type { Endpoint } from '../../model/kinds/upstream.ts';
import {
  type FeedEvent,
  type FeedPut,
  type FleetDescription,
  type NodeStatus,
  REPORT_HEADER,
  type StatusReport,
} from '../../wire/feed.ts';

type FeedTenant = Extract<FeedEvent, { type: 'tenant' }>;

/** A feed of one fleet whose events a test chooses. It can send events that the API would reject. */
export class Feed {
  readonly folder = mkdtempSync(join(tmpdir(), 'agent-'));
  /** The nodes of every accepted status report, in order. */
  readonly reports: NodeStatus[][] = [];
  /** The requests to the feed, in order. */
  readonly asked: string[] = [];
  /** How many of the next status reports get 503. */
  refuse = 0;
  readonly #settings: object;
  /** How many snapshots were sent. */
  snapshots = 0;
  agent!: RunningAgent;
  #fleet: FleetDescription;
  readonly #token = randomBytes(16).toString('hex');
  /** The content of a snapshot: each tenant's current state. */
  readonly #told = new Map<string, FeedEvent>();
  /** The revision of each tenant that was sent last. */
  readonly #revisions = new Map<string, number>();
  readonly #streams = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${this.#token}`) return void response.writeHead(401).end();
    if (request.url!.endsWith('/status')) {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      return void request.on('end', () => {
        if (this.refuse > 0) {
          this.refuse--;
          return void response.writeHead(503).end();
        }
        this.reports.push((JSON.parse(body) as StatusReport).nodes);
        response.writeHead(204, { [REPORT_HEADER]: 'ahead' }).end();
      });
    }
    this.snapshots++;
    this.asked.push(request.url!);
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
    this.#write(response, { type: 'fleet', fleet: this.#fleet }, { type: 'snapshot' }, ...this.#told.values());
    this.#write(response, { type: 'snapshot-end', seq: this.#seq });
  });
  #seq = 0;

  private constructor(fleet: FleetDescription, settings: object) {
    this.#fleet = fleet;
    this.#settings = settings;
  }

  /** Starts the feed and an agent that follows it. @param told the tenants' configurations in the first snapshot */
  static async start(
    fleet: FleetDescription,
    told: Record<string, ConfigurationDocument> = {},
    settings: { probeTimeout?: number; hostIdle?: number; serverNames?: number; nameServers?: string } = {},
  ): Promise<Feed> {
    const feed = new Feed(fleet, settings);
    for (const [tenant, document] of Object.entries(told)) feed.tell(tenant, document);
    await new Promise<void>((resolve) => feed.#server.listen(0, '127.0.0.1', resolve));
    await feed.startAgent();
    return feed;
  }

  /** Starts an agent on the feed's folder. An earlier agent has been closed. */
  async startAgent(): Promise<void> {
    const api = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const settings = AgentSettings.parse({
      token: this.#token,
      data: this.folder,
      xds: `unix:${join(this.folder, 'xds.sock')}`,
      health: `unix:${join(this.folder, 'health.sock')}`,
      logLevel: 'silent',
      ...this.#settings,
    });
    this.agent = await startAgent({ ...settings, api, fleet: this.#fleet.name });
  }

  /**
   * The agent's last report per node. A departed node is in one report only, which a test that polls could miss.
   */
  get nodes(): NodeStatus[] {
    return [...new Map(this.reports.flat().map((status) => [status.node, status])).values()];
  }

  /**
   * Sends an event that replaces the tenant's configuration.
   *
   * @param keys private keys of its certificates, by name
   * @param attached the hosts that the tenant has attached, as `owner/host`
   * @returns the event's number in the feed
   */
  tell(
    tenant: string,
    document: ConfigurationDocument,
    keys: Record<string, string> = {},
    attached: string[] = [],
  ): number {
    const configuration = Configuration.fromDocument(document);
    const puts = kindIds.flatMap((kind) =>
      [...configuration.entries(kind)].map(
        ([name, spec]) => ({ kind, name, spec, ...(kind === 'certificate' && { privateKey: keys[name] }) }) as FeedPut,
      ),
    );
    const seq = ++this.#seq;
    const event: FeedEvent = {
      type: 'tenant',
      seq,
      tenant,
      base: 0,
      revision: seq,
      puts,
      deletes: [],
      committedAt: 0,
      attached,
    };
    this.#told.delete(tenant);
    this.#told.set(tenant, event);
    this.#revisions.set(tenant, seq);
    for (const stream of this.#streams) this.#write(stream, event);
    return seq;
  }

  /** Sends an event that changes only the registered endpoints of an upstream. @returns its number in the feed */
  register(tenant: string, upstream: string, endpoints: Endpoint[]): number {
    return this.amend(tenant, { endpoints: [{ upstream, endpoints }] });
  }

  /**
   * Sends an event that changes a part of the tenant's configuration. A later snapshot does not contain the change.
   *
   * @returns the event's number in the feed
   */
  amend(tenant: string, change: Partial<Pick<FeedTenant, 'puts' | 'deletes' | 'endpoints'>>): number {
    const seq = ++this.#seq;
    const base = this.#revisions.get(tenant) ?? 0;
    const revision = change.puts || change.deletes ? seq : base;
    this.#revisions.set(tenant, revision);
    const event = { type: 'tenant', seq, tenant, base, revision, committedAt: 0 } as const;
    for (const stream of this.#streams) this.#write(stream, { ...event, puts: [], deletes: [], ...change });
    return seq;
  }

  /** Sends a raw line, which need not be an event. */
  say(line: string): void {
    for (const stream of this.#streams) stream.write(`${line}\n`);
  }

  /** Replaces the fleet's description. */
  describe(fleet: Partial<FleetDescription>): void {
    this.#fleet = { ...this.#fleet, ...fleet };
    for (const stream of this.#streams) this.#write(stream, { type: 'fleet', fleet: this.#fleet });
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.end();
    await this.agent?.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(stream: ServerResponse, ...events: FeedEvent[]): void {
    stream.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  }
}
