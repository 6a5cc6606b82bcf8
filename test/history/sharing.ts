/** What must hold for shared gateways and delegation, whatever the order of the writes of several processes. */
import { isDeepStrictEqual } from 'node:util';
import { examine } from '../../api/keeping/doctor.ts';
import { covers, type HostPattern } from '../../model/values/host.ts';
import type { FeedEvent } from '../../wire/feed.ts';
import { type ApiProcess, sha256, type startProcesses } from '../api/processes.ts';

/** The tenants of a round: their names end with its number, and so do the domains that they use. */
export const ROLES = ['platform', 'sales', 'music', 'goods'] as const;
const FLEETS = ['apps', 'other'] as const;
type World = Awaited<ReturnType<typeof startProcesses>>;
type Body = Record<string, unknown>;

/** A request for a change, for messages: `sales PUT routes/shop`. */
export interface Write {
  tenant: string;
  method: 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
}

export const put = (tenant: string, path: string, body: unknown): Write => ({ tenant, method: 'PUT', path, body });
export const remove = (tenant: string, path: string): Write => ({ tenant, method: 'DELETE', path });

export const send = ({ ask }: ApiProcess, { tenant, method, path, body }: Write) =>
  ask(method, `/v1/tenants/${tenant}${path && `/${path}`}`, body);

export const gateway = (allowedRoutes?: object, hosts = ['*.apps.example'], fleet = 'apps'): Body => ({
  selector: { ingress: fleet },
  servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts, ...(allowedRoutes && { allowedRoutes }) }],
});

const saying = (body: string) => [{ directResponse: { status: 200, body } }];
export const route = (host: string, ...gateways: string[]): Body => ({ hosts: [host], gateways, http: saying(host) });
export const child = (...parents: string[]): Body => ({ parents, http: saying('child') });
export const delegating = (host: string, to: string, ...gateways: string[]): Body => ({
  hosts: [host],
  gateways,
  http: [{ match: [{ uri: { pathPrefix: '/cart' } }], delegate: { route: to } }],
});

/** Returns a write as the tenants of a round send it. */
export const inRound = (write: Write, round: number): Write =>
  JSON.parse(
    JSON.stringify(write)
      .replaceAll(/\b(platform|sales|music|goods)\b/g, `$1${round}`)
      .replaceAll('apps.example', `apps${round}.example`),
  );

/** Makes the fleets of a world, and reads their feeds from the beginning. */
export async function beginSharing(world: World) {
  const [process] = world.processes as [ApiProcess, ...ApiProcess[]];
  const told = new Map<string, Told>();
  const tokens = new Map<string, string>();
  const read = async (fleet: string, query: string) => {
    const headers = { authorization: `Bearer ${tokens.get(fleet)}` };
    return (await process.ask('GET', `/v1/fleets/${fleet}/feed${query}`, undefined, headers))!.body;
  };
  for (const fleet of FLEETS) {
    const ports = [{ number: 80, bind: 10080, protocol: 'HTTP' }];
    await process.ask('POST', '/v1/fleets', { name: fleet, labels: { ingress: fleet }, ports });
    tokens.set(fleet, (await process.ask('POST', `/v1/fleets/${fleet}/tokens`, {}))?.body.token);
    told.set(fleet, new Told(await read(fleet, '')));
  }
  /** Reads what is new of the feeds, as an agent does. */
  const follow = async (): Promise<void> => {
    for (const [fleet, reader] of told) reader.tell(await read(fleet, `?after=${reader.cursor}`));
  };
  const differences = async (): Promise<string[]> => {
    await follow();
    const wrong: string[] = [];
    for (const [fleet, { tenants, faults }] of told) {
      const { tenants: stored } = new Told(await read(fleet, ''));
      wrong.push(...faults.splice(0).map((fault) => `${fleet}: ${fault}`));
      for (const name of new Set([...tenants.keys(), ...stored.keys()]))
        if (!isDeepStrictEqual(tenants.get(name), stored.get(name)))
          wrong.push(`${fleet}: ${name}: the feed has ${text(tenants.get(name))}, the store ${text(stored.get(name))}`);
    }
    for await (const { at, problem } of examine(world.dialect, world.driver, sha256)) wrong.push(`${at}: ${problem}`);
    return wrong;
  };
  return {
    follow,
    /** Returns the tenants that the fleets serve. */
    served: (): string[] => [...told.values()].flatMap(({ tenants }) => [...tenants.keys()]),
    /** Makes the tenants of a round; the owner has an open gateway. */
    async begin(round: number): Promise<void> {
      for (const role of ROLES) await process.ask('POST', '/v1/tenants', { name: `${role}${round}` });
      await send(process, inRound(put('platform', 'gateways/public', gateway({ tenants: 'all' })), round));
    },
    /** @returns what is wrong after the writes of a round, a line each */
    verify: async (round: number): Promise<string[]> => [
      ...(await differences()),
      ...(await wrongBindings(world.processes, round)),
    ],
    /** Removes the tenants of a round, the owner first. @returns what is wrong afterwards */
    async end(round: number): Promise<string[]> {
      for (const role of ROLES) await process.ask('DELETE', `/v1/tenants/${role}${round}`);
      return differences();
    },
  };
}

interface TenantState {
  revision: number;
  resources: ReadonlyMap<string, unknown>;
  attached: readonly string[];
}

const text = (state: TenantState | undefined): string =>
  JSON.stringify(state && { ...state, resources: [...state.resources.keys()] });

/** The events that a reader of a feed got. */
class Told {
  readonly tenants = new Map<string, TenantState>();
  readonly faults: string[] = [];
  cursor = 0;

  constructor(page: { events: FeedEvent[]; cursor: number }) {
    this.tell(page);
  }

  tell({ events, cursor }: { events: FeedEvent[]; cursor: number }): void {
    for (const event of events) {
      if (event.type === 'leave') this.tenants.delete(event.tenant);
      if (event.type !== 'tenant') continue;
      const before = this.tenants.get(event.tenant);
      if (event.base > (before?.revision ?? 0))
        this.faults.push(`${event.tenant}: ${event.base} after ${before?.revision}`);
      const resources = new Map(event.base === 0 ? [] : before?.resources);
      for (const { kind, name } of event.deletes) resources.delete(`${kind}/${name}`);
      for (const { kind, name, spec } of event.puts) resources.set(`${kind}/${name}`, spec);
      const attached = event.attached ?? (event.base === 0 ? [] : (before?.attached ?? []));
      this.tenants.set(event.tenant, { revision: event.revision, resources, attached });
    }
    this.cursor = cursor;
  }
}

interface Bound {
  tenant: string;
  host: HostPattern;
  gateway: string;
}

/** Compares what each process says is bound with what the owner allows, and the processes with each other. */
async function wrongBindings(processes: readonly ApiProcess[], round: number): Promise<string[]> {
  const owner = `platform${round}`;
  const wrong: string[] = [];
  const said: Bound[][] = [];
  for (const { ask } of processes) {
    const bound: Bound[] = [];
    for (const tenant of ROLES.map((role) => `${role}${round}`)) {
      const { revision = 0 } = (await ask('GET', `/v1/tenants/${tenant}`))!.body; // 0 without the tenant too
      if (revision === 0) continue;
      const { routes = [] } = (await ask('GET', `/v1/tenants/${tenant}/revisions/${revision}/status`))!.body;
      for (const { hosts = [] } of routes)
        for (const { host, bound: places, reason = '' } of hosts) {
          if (reason.includes('is not attached')) wrong.push(`${tenant}: ${reason}`);
          for (const { gateway } of places) bound.push({ tenant, host, gateway });
        }
    }
    said.push(bound);
  }
  for (const other of said.slice(1))
    if (!isDeepStrictEqual(other, said[0]))
      wrong.push(`one process says ${JSON.stringify(said[0])}, another ${JSON.stringify(other)}`);
  const { gateways = {} } = (await processes[0]!.ask('GET', `/v1/tenants/${owner}/configuration`))!.body;
  for (const { tenant, host, gateway } of said[0]!) {
    if (!gateway.startsWith(`${owner}/`)) continue;
    const servers = gateways[gateway.slice(owner.length + 1)]?.servers ?? [];
    const isAllowed = servers.some(
      ({
        hosts,
        allowedRoutes: { tenants = 'same' } = {},
      }: {
        hosts: HostPattern[];
        allowedRoutes?: { tenants?: string };
      }) => (tenants === 'all' || tenants.includes(tenant)) && hosts.some((each) => covers(each, host)),
    );
    if (!isAllowed) wrong.push(`${tenant} has ${host} bound to ${gateway}, which does not allow it`);
  }
  for (const [index, { tenant, host, gateway }] of said[0]!.entries())
    if (said[0]!.some((each, at) => at > index && each.host === host && each.tenant !== tenant))
      wrong.push(`${host} of ${gateway} is bound for ${tenant} and another tenant`);
  return wrong;
}
