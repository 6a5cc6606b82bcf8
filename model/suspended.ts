import type { Rule } from './route/rule.ts';

/** The page with which Envoys answer all requests for the hosts of a tenant that must not be served. */
const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Not available</title>
<body><h1>Not available</h1><p>This site is not available at the moment.</p></body></html>
`;

const RULE = {
  directResponse: {
    status: 503,
    body: PAGE,
    contentType: 'text/html; charset=utf-8',
    headers: { 'cache-control': 'no-store', 'retry-after': '3600' },
  },
} as const satisfies Partial<Rule>;

/**
 * Makes the configuration that Envoys get of a suspended tenant. Its hosts answer every request with 503, and
 * connections without HTTP are closed. The hosts keep their certificates. Policies do not apply, because they could
 * answer in another way.
 *
 * @param resources all resources of the tenant
 */
export function suspended<R extends { kind: string; spec: unknown }>(resources: readonly R[]): R[] {
  return resources.flatMap((resource) => {
    // The specs were read from the store, and have passed the schema of their kind.
    const spec = resource.spec as Record<string, unknown>;
    switch (resource.kind) {
      case 'upstream':
        return [];
      case 'route': {
        const { labels, hosts, gateways, parents, http } = spec;
        return http === undefined
          ? []
          : [{ ...resource, spec: present({ labels, hosts, gateways, parents, http: [RULE] }) }];
      }
      case 'gateway': {
        const servers = spec.servers as Record<string, unknown>[];
        const { policies: _, ...gateway } = spec;
        return [{ ...resource, spec: { ...gateway, servers: servers.map(({ policies: __, ...server }) => server) } }];
      }
      default:
        return [resource];
    }
  });
}

const present = (members: Record<string, unknown>): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
