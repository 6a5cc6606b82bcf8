import { parseReference } from '../../model/values/reference.ts';
import type { Settings } from '../settings.ts';

type Platform = Pick<Settings, 'platformDomain'>;

/** Whether a name is the domain of the platform, or below it. */
function isOfPlatform({ platformDomain }: Platform, name: string): boolean {
  return platformDomain !== undefined && (name === platformDomain || name.endsWith(`.${platformDomain}`));
}

/** Whether a domain is, contains, or is below the domain of the platform, so that no tenant can claim it. */
export function overlapsPlatform({ platformDomain }: Platform, name: string): boolean {
  return isOfPlatform({ platformDomain }, name) || (platformDomain?.endsWith(`.${name}`) ?? false);
}

/** Whether a host pattern covers names on the domain of the platform. */
export function coversPlatform({ platformDomain }: Platform, host: string): boolean {
  if (platformDomain === undefined) return false;
  return isOfPlatform({ platformDomain }, host) || (host.startsWith('*.') && platformDomain.endsWith(host.slice(1)));
}

/** The host that a tenant has on the domain of the platform. Names of tenants are labels of DNS. */
export const defaultHost = (tenant: string, platformDomain: string): string => `${tenant}.${platformDomain}`;

/** Whether a host is the one of a tenant on the domain of the platform, or below it. */
export function isOfTenant({ platformDomain }: Platform, tenant: string, host: string): boolean {
  if (platformDomain === undefined) return false;
  const own = defaultHost(tenant, platformDomain);
  return host === own || host.endsWith(`.${own}`);
}

/** Whether a tenant owns the gateway of the platform. */
export const ownsPlatform = ({ platformGateway }: Pick<Settings, 'platformGateway'>, tenant: string): boolean =>
  parseReference(platformGateway).tenant === tenant;

/**
 * Whether the platform gives a host to a tenant: `<tenant>.<platform domain>` and what is below it. The tenant that owns
 * the gateway of the platform has the whole domain.
 */
export function isGranted(
  settings: Platform & Pick<Settings, 'platformGateway'>,
  tenant: string,
  host: string,
): boolean {
  if (ownsPlatform(settings, tenant)) return isOfPlatform(settings, host);
  return isOfTenant(settings, tenant, host);
}
