import { portZone } from '../../model/binding/ports.ts';
import { WITHDRAWN } from '../../model/fleet.ts';
import type { SpecOf } from '../../model/kinds/index.ts';
import type { HostPattern } from '../../model/values/host.ts';
import { sendsHost } from '../../model/values/protocol.ts';
import { Context, type Services } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Fleet } from '../store/fleets.ts';
import { settled } from './attempt.ts';
import { commit } from './commit.ts';
import type { Put } from './heads/head.ts';
import { nowhere } from './placement.ts';
import { othersOf } from './sharing/owners.ts';

type Gateway = SpecOf<'gateway'>;

/** Hosts and ports to withdraw from a tenant, and why. */
export interface Withdrawal {
  tenant: string;
  hosts: ReadonlySet<HostPattern>;
  /** Ports of servers whose clients send no host, as `portZone` names them. Default: none. */
  ports?: ReadonlySet<string>;
  /** Whether the hosts and ports are withdrawn from a gateway. */
  isConcerned: (gateway: Gateway, fleets: readonly Fleet[]) => boolean;
  /** The name of the job that is the author of the revision. */
  job: string;
  /** The message of the revision. */
  message: string;
}

/**
 * Publishes a revision of a tenant without some hosts and ports. The gates do not judge it: nothing in it may prevent it. It does
 * nothing when no gateway has one of them, or when the tenant is gone.
 */
export async function withdrawHosts(
  services: Services,
  { tenant, hosts, ports = new Set(), isConcerned, job, message }: Withdrawal,
): Promise<void> {
  const ctx = new Context(services, { type: 'job', id: job }, '', '', {}, undefined);
  await settled(ctx, { tenant }, async (attempt) => {
    const head = await attempt.load();
    const fleets = await services.fleets.of(tenant, attempt.now);
    const changes = [...head.configuration.entries('gateway')].flatMap(([name, before]): Put[] => {
      const spec = isConcerned(before, fleets.all) ? without(before, hosts, ports) : before;
      return spec === before ? [] : [{ verb: 'put', kind: 'gateway', name, spec }];
    });
    const { next, effective } = await head.with(changes, attempt.now, services.sha256);
    if (effective.length === 0) return attempt.confirm();
    const others = await othersOf(services.heads, head.configuration, next.configuration, effective);
    const judged = {
      head,
      next,
      changes,
      effective,
      others,
      fleets,
      placed: nowhere,
      subject: 'whole',
      purpose: 'write',
    } as const;
    await commit(attempt, judged, { keys: [], message, restores: undefined, reply: undefined });
  }).catch((error: unknown) => {
    // The tenant was removed meanwhile.
    if (!(error instanceof Problem && error.code === 'not-found')) throw error;
  });
}

function without(gateway: Gateway, hosts: ReadonlySet<HostPattern>, ports: ReadonlySet<string>): Gateway {
  let isSame = true;
  const servers = gateway.servers.map((server): Gateway['servers'][number] => {
    const { port } = server;
    if (!sendsHost(port.protocol)) {
      if (!ports.has(portZone(port))) return server;
      isSame = false;
      // No server has no port. One for HTTP claims none.
      return { port: { ...port, protocol: 'HTTP' }, hosts: [WITHDRAWN] };
    }
    const left = server.hosts.filter((host) => !hosts.has(host));
    if (left.length === server.hosts.length) return server;
    isSame = false;
    return { ...server, hosts: left.length > 0 ? left : [WITHDRAWN] };
  });
  return isSame ? gateway : { ...gateway, servers };
}
