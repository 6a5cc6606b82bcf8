import type { Authority } from '../../demo/certificates.ts';
import { accepted, type Remote } from '../remote/client.ts';

/** Names below `localhost` are addresses of this machine, so browsers and curl find every tenant's host. */
export const PLATFORM_DOMAIN = 'gatehouse.localhost';

const TENANT = 'platform';
const GATEWAY = 'public';
/** The shared gateway, as routes of other tenants name it. */
export const PLATFORM_GATEWAY = `${TENANT}/${GATEWAY}`;

const path = { tenant: TENANT };
const hosts: [string] = [`*.${PLATFORM_DOMAIN}`];
const allowedRoutes = { tenants: 'all' as const };

/** On this gateway, each tenant has the host `<tenant>.gatehouse.localhost`. */
const gateway = {
  selector: { ingress: 'public' },
  servers: [
    { port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts, allowedRoutes },
    {
      port: { number: 443, name: 'https', protocol: 'HTTPS' as const },
      hosts,
      tls: { mode: 'SIMPLE' as const, credentialName: 'platform-domain' },
      allowedRoutes,
    },
  ],
};

/**
 * Creates the tenant of the platform with its shared gateway, and replaces its certificate before it expires. A gateway
 * that does not serve the hosts of the platform is replaced.
 */
export async function preparePlatform(operator: Remote, authority: Authority): Promise<void> {
  const certificate = await authority.issue('platform-domain', hosts);
  const found = await operator.GET('/v1/tenants/{tenant}', { params: { path } });
  if (found.response.status === 404) {
    const body = { name: TENANT, displayName: 'Platform' };
    accepted('Making the tenant of the platform', await operator.POST('/v1/tenants', { body }));
  }
  const { data } = await operator.GET('/v1/tenants/{tenant}/configuration', { params: { path } });
  const held = data?.certificates?.['platform-domain'] as { certificateChain?: string } | undefined;
  const open = data?.gateways?.[GATEWAY] as { servers?: { hosts: string[] }[] } | undefined;
  const isOpen = open?.servers?.some((server) => server.hosts.includes(hosts[0]));
  const puts = [
    ...(isOpen ? [] : [{ kind: 'gateway' as const, name: GATEWAY, spec: gateway }]),
    ...(held?.certificateChain === certificate.certificateChain
      ? []
      : [{ kind: 'certificate' as const, name: 'platform-domain', spec: certificate }]),
  ];
  if (puts.length === 0) return;
  const body = { message: 'gatehouse up: the shared gateway', puts };
  const answer = await operator.POST('/v1/tenants/{tenant}/revisions', { params: { path }, body });
  accepted('Opening the shared gateway', answer);
}
