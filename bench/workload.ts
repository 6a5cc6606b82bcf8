/** The tenants of every measurement: one gateway, one host, one route of ten rules, one upstream; a certificate when asked. */

export const FLEET = 'bench';
export const LABELS = { ingress: FLEET };
export const PORTS = { http: 80, https: 443 };
/** The path at which a route answers its version. */
export const VERSION_PATH = '/ver';

/** Names and hosts are of one length, so that all tenants cost the same. */
export const tenantName = (index: number): string => `t${String(index).padStart(7, '0')}`;
export const hostName = (tenant: string): string => `${tenant}.bench.example`;

export interface Pair {
  certificateChain: string;
  privateKey: string;
}

/** Ten rules: one responds with the version directly, and nine send requests to the upstream. */
export function routeSpec(tenant: string, version: string) {
  const paths = Array.from({ length: 9 }, (_, index) => ({
    match: [{ uri: { pathPrefix: `/service-${index}` } }],
    route: [{ destination: { upstream: 'app' } }],
  }));
  const answer = { match: [{ uri: { exact: VERSION_PATH } }], directResponse: { status: 200, body: version } };
  return { hosts: [hostName(tenant)], gateways: ['main'], http: [...paths.slice(0, 5), answer, ...paths.slice(5)] };
}

/** The whole configuration of a tenant, as one revision. */
export function revisionOf(tenant: string, version: string, certificate: Pair | undefined) {
  const hosts = [hostName(tenant)];
  const server = certificate
    ? {
        port: { number: PORTS.https, name: 'https', protocol: 'HTTPS' },
        hosts,
        tls: { mode: 'SIMPLE', credentialName: 'host' },
      }
    : { port: { number: PORTS.http, name: 'http', protocol: 'HTTP' }, hosts };
  return {
    puts: [
      ...(certificate ? [{ kind: 'certificate', name: 'host', spec: certificate }] : []),
      { kind: 'upstream', name: 'app', spec: { port: 8080, endpoints: [{ address: '127.0.0.1' }] } },
      { kind: 'gateway', name: 'main', spec: { selector: LABELS, servers: [server] } },
      { kind: 'route', name: 'main', spec: routeSpec(tenant, version) },
    ],
  };
}
