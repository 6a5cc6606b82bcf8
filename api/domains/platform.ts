import type { Settings } from '../settings.ts';

type Platform = Pick<Settings, 'platformDomain'>;

/** Whether a name is the domain of the platform, or below it. */
export function isOfPlatform({ platformDomain }: Platform, name: string): boolean {
  return platformDomain !== undefined && (name === platformDomain || name.endsWith(`.${platformDomain}`));
}

/** Whether no tenant can claim a domain, because it is, contains, or is below the domain of the platform. */
export function isReserved({ platformDomain }: Platform, name: string): boolean {
  return isOfPlatform({ platformDomain }, name) || (platformDomain?.endsWith(`.${name}`) ?? false);
}

/** Whether the platform gives a host to a tenant: `<tenant>.<platform domain>`, and what is below it. */
export function isGranted({ platformDomain }: Platform, tenant: string, host: string): boolean {
  if (platformDomain === undefined) return false;
  const own = `${tenant}.${platformDomain}`;
  return host === own || host.endsWith(`.${own}`);
}
