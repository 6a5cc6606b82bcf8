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

/** Hosts to withdraw from a tenant, and why. */
export interface Withdrawal {
  tenant: string;
  hosts: ReadonlySet<HostPattern>;
  /** Whether the hosts are withdrawn from a gateway. */
  isConcerned: (gateway: Gateway, fleets: readonly Fleet[]) => boolean;
  /** The name of the author of the revision, as that of a job. */
  job: string;
  /** The message of the revision. */
  message: string;
}

/**
 * Publishes a revision of a tenant without some hosts. The gates do not judge it: nothing in it may prevent it. It does
 * nothing when no gateway has such a host, or when the tenant is gone.
 */
export async function withdrawHosts(
  services: Services,
  { tenant, hosts, isConcerned, job, message }: Withdrawal,
): Promise<void> {
  const ctx = new Context(services, { type: 'job', id: job }, '', '', {}, undefined);
  await settled(ctx, { tenant }, async (attempt) => {
    const head = await attempt.load();
    const fleets = await services.fleets.of(tenant, attempt.now);
    const changes = [...head.configuration.entries('gateway')].flatMap(([name, before]): Put[] => {
      const spec = isConcerned(before, fleets.all) ? without(before, hosts) : before;
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

function without(gateway: Gateway, lost: ReadonlySet<HostPattern>): Gateway {
  let isSame = true;
  const servers = gateway.servers.map((server) => {
    const hosts = sendsHost(server.port.protocol) ? server.hosts.filter((host) => !lost.has(host)) : server.hosts;
    if (hosts.length === server.hosts.length) return server;
    isSame = false;
    return { ...server, hosts: hosts.length > 0 ? hosts : [WITHDRAWN] };
  });
  return isSame ? gateway : { ...gateway, servers };
}
