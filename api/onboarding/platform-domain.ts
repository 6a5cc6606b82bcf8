import { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';

/** The domain on which every tenant has a host. */
export interface PlatformDomain {
  /** @example 'apps.example.com' */
  readonly domain: string;
  /** The port of HTTPS addresses. */
  readonly port: number;
  /** The shared gateway of the platform, as routes name it. */
  readonly gateway: string;
}

/** @throws Problem `no-platform-domain` when the operator has set none */
export function platformDomain({
  platformDomain: domain,
  platformPort: port,
  platformGateway: gateway,
}: Settings): PlatformDomain {
  if (domain === undefined)
    throw new Problem('no-platform-domain', {
      detail: 'this platform gives its tenants no hosts: its operator has not set GATEHOUSE_PLATFORM_DOMAIN',
    });
  return { domain, port, gateway };
}

/** The address of a host on the platform domain. */
export const addressOf = (host: string, { port }: Pick<PlatformDomain, 'port'>): string =>
  `https://${host}${port === 443 ? '' : `:${port}`}`;
