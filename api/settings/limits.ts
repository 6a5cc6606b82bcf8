import type { z } from 'zod';
import { whole } from './variable.ts';

/** The variables that limit what one tenant may configure. */
export const limitVariables = {
  GATEHOUSE_GATEWAYS: whole(10_000, 1).meta({ description: 'Gateways that one tenant may have.' }),
  GATEHOUSE_ROUTES: whole(50_000, 1).meta({ description: 'Routes that one tenant may have.' }),
  GATEHOUSE_RULES: whole(200_000, 1).meta({
    description: 'Rules that all routes of one tenant may have, in `http`, `tls`, `tcp` and `udp`.',
  }),
  GATEHOUSE_UPSTREAMS: whole(10_000, 1).meta({ description: 'Upstreams that one tenant may have.' }),
  GATEHOUSE_CERTIFICATES: whole(10_000, 1).meta({ description: 'Certificates that one tenant may have.' }),
  GATEHOUSE_TRUST_BUNDLES: whole(1_000, 1).meta({ description: 'Trust bundles that one tenant may have.' }),
  GATEHOUSE_GATEWAY_HOSTS: whole(10_000, 1).meta({
    description: 'Hosts that all gateways of one tenant may name. A host counts once per five labels.',
  }),
  GATEHOUSE_ROUTE_HOSTS: whole(50_000, 1).meta({
    description: 'Hosts that all routes of one tenant may name. A host counts once per five labels.',
  }),
  GATEHOUSE_HOST_CONDITIONS: whole(8_192, 1).meta({
    description:
      'Conditions that all routes of one host may have, with those of the wildcards above it. Each is a route in Envoy. A rule without conditions counts as one.',
  }),
  GATEHOUSE_ROUTE_MEMORY: whole(256, 1).meta({
    description:
      "Envoy's memory that all routes of one tenant may need. A condition needs about 2 KB and the text of its rule, once per host that it serves.",
    unit: 'MB',
  }),
  GATEHOUSE_ENDPOINTS: whole(100_000, 1).meta({
    description:
      'Endpoints that all upstreams of one tenant may have. An endpoint counts again for each subset that selects it. Endpoints that processes register may be half of them.',
  }),
  GATEHOUSE_CLUSTERS: whole(10_000, 1).meta({
    description:
      'Clusters in Envoy that all upstreams of one tenant may be, about 20 KB each and 3 KB for each worker thread: an upstream and each of its subsets is one, and one more when it gets copies of requests. With RING_HASH, MAGLEV or `sessionAffinity`, each counts 5 times.',
  }),
  GATEHOUSE_HOST_CLUSTERS: whole(1_000, 1).meta({
    description:
      'Upstreams and subsets to which all routes of one host may send requests, with those of the wildcards above it. The first request for a host waits until Envoy has all of them. The rules in `tls`, `tcp` and `udp` of one tenant may name as many.',
  }),
  GATEHOUSE_CHECKS: whole(1_000, 1).meta({
    description:
      'Health checks per second that all upstreams of one tenant may cause in each Envoy. An endpoint counts once per interval, and again for each subset that selects it. Registered endpoints count.',
  }),
  GATEHOUSE_UDP_SESSIONS: whole(65_536, 1).meta({
    description:
      'Sessions for datagrams that one Envoy may keep for one tenant: the sum of `circuitBreaker.maxConnections` (default 16384) of every upstream and subset in its `udp` rules. Each session is a file descriptor.',
  }),
  GATEHOUSE_PATTERN_TIME: whole(100, 1).meta({
    description:
      'Time that the regular expressions of one host may take Envoy for one request, in the worst case. It is an estimate.',
    unit: 'ms',
  }),
  GATEHOUSE_PATTERN_MEMORY: whole(128, 1).meta({
    description:
      "Envoy's memory that all regular expressions of one tenant may need, in the worst case. A pattern counts once per host that it serves.",
    unit: 'MB',
  }),
  GATEHOUSE_TLS_PROFILES: whole(16, 1).meta({
    description:
      'TLS settings other than the default ones, such as client certificates or versions, that all servers of one tenant may have. Each is a filter chain of the listener.',
  }),
  GATEHOUSE_CONNECTION_RULES: whole(1_000, 1).meta({
    description: 'Rules in `tls`, `tcp` and `udp` that all routes of one tenant may have. Each is a filter chain.',
  }),
  GATEHOUSE_CONNECTION_PORTS: whole(32, 1).meta({
    description:
      'Ports for TCP, UDP and database protocols that all servers of one tenant may have, assigned or not. Each belongs to one tenant of a fleet.',
  }),
  GATEHOUSE_FLEETS: whole(3).meta({ description: 'Fleets that one tenant may manage itself.' }),
  GATEHOUSE_TOKENS: whole(1_000, 1).meta({ description: 'Valid tokens that one tenant may have.' }),
  GATEHOUSE_MEMBERS: whole(1_000, 1).meta({ description: 'Members that one tenant may have.' }),
  GATEHOUSE_DOMAINS: whole(100, 1).meta({ description: 'Domains that one tenant may claim.' }),
};

/** The parsed variables. */
type Parsed = z.infer<z.ZodObject<typeof limitVariables>>;

/** Names the limits as the settings do. */
export const limitsOf = (env: Parsed) => ({
  gateways: env.GATEHOUSE_GATEWAYS,
  routes: env.GATEHOUSE_ROUTES,
  rules: env.GATEHOUSE_RULES,
  upstreams: env.GATEHOUSE_UPSTREAMS,
  certificates: env.GATEHOUSE_CERTIFICATES,
  trustBundles: env.GATEHOUSE_TRUST_BUNDLES,
  gatewayHosts: env.GATEHOUSE_GATEWAY_HOSTS,
  routeHosts: env.GATEHOUSE_ROUTE_HOSTS,
  hostConditions: env.GATEHOUSE_HOST_CONDITIONS,
  routeMemory: env.GATEHOUSE_ROUTE_MEMORY,
  endpoints: env.GATEHOUSE_ENDPOINTS,
  clusters: env.GATEHOUSE_CLUSTERS,
  hostClusters: env.GATEHOUSE_HOST_CLUSTERS,
  checksPerSecond: env.GATEHOUSE_CHECKS,
  udpSessions: env.GATEHOUSE_UDP_SESSIONS,
  patternTime: env.GATEHOUSE_PATTERN_TIME,
  patternMemory: env.GATEHOUSE_PATTERN_MEMORY,
  tlsProfiles: env.GATEHOUSE_TLS_PROFILES,
  connectionRules: env.GATEHOUSE_CONNECTION_RULES,
  connectionPorts: env.GATEHOUSE_CONNECTION_PORTS,
  tokens: env.GATEHOUSE_TOKENS,
  members: env.GATEHOUSE_MEMBERS,
  domains: env.GATEHOUSE_DOMAINS,
  fleets: env.GATEHOUSE_FLEETS,
});
