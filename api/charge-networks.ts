import type { Context, Services } from './context.ts';
import type { Rate } from './http/rate-limit.ts';

/** The parts of a request that the charge needs. */
interface Request extends Pick<Context, 'networks' | 'now'> {
  services: Pick<Services, 'rate'>;
}

/**
 * Charges an anonymous request to all networks of its client.
 *
 * @param rate the limit of one client; larger networks have a multiple of it
 * @throws Problem `too-many-requests` with Retry-After
 */
export function chargeNetworks({ services, networks, now }: Request, purpose: string, rate: Rate): void {
  for (const { name, share } of networks) {
    const { perSecond, burst } = rate;
    services.rate.charge(`${purpose}/${name}`, { ...rate, perSecond: share * perSecond, burst: share * burst }, 1, now);
  }
}
