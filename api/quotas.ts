import type { Settings } from './settings.ts';

/** The time of a day, in milliseconds. */
const DAY = 24 * 60 * 60 * 1000;

/** One limit that a plan may set. */
interface Quota {
  /** The description in the API. */
  description: string;
  /** The limit of a plan that does not set this quota. */
  of: (settings: Settings) => number;
  /** The smallest value that a plan may set. Default: 0. */
  min?: number;
}

/**
 * All limits of a tenant. A plan may set each of them, and the settings give the others. A new quota is one entry here,
 * and one setting.
 */
export const quotas = {
  gateways: { description: 'Gateways.', of: (settings) => settings.gateways },
  routes: { description: 'Routes.', of: (settings) => settings.routes },
  rules: { description: 'Rules of all routes, in `http`, `tls`, `tcp` and `udp`.', of: (settings) => settings.rules },
  upstreams: { description: 'Upstreams.', of: (settings) => settings.upstreams },
  certificates: { description: 'Certificates.', of: (settings) => settings.certificates },
  trustBundles: { description: 'Trust bundles.', of: (settings) => settings.trustBundles },
  gatewayHosts: {
    description: 'Hosts that all gateways name. A host counts once per five labels.',
    of: (settings) => settings.gatewayHosts,
  },
  routeHosts: {
    description: 'Hosts that all routes name. A host counts once per five labels.',
    of: (settings) => settings.routeHosts,
  },
  hostConditions: {
    description: 'Conditions of all routes of one host.',
    of: (settings) => settings.hostConditions,
    min: 1,
  },
  routeMemory: {
    description: "Envoy's memory that all routes need, in MB.",
    of: (settings) => settings.routeMemory,
    min: 1,
  },
  endpoints: {
    description:
      'Endpoints of all upstreams, registered ones included. An endpoint counts again for each subset that selects it.',
    of: (settings) => settings.endpoints,
  },
  clusters: {
    description: 'Clusters in Envoy that all upstreams and their subsets are.',
    of: (settings) => settings.clusters,
  },
  hostClusters: {
    description: 'Upstreams and subsets to which all routes of one host send requests.',
    of: (settings) => settings.hostClusters,
    min: 1,
  },
  checksPerSecond: {
    description: 'Health checks per second in each Envoy.',
    of: (settings) => settings.checksPerSecond,
  },
  udpSessions: { description: 'Sessions for datagrams in each Envoy.', of: (settings) => settings.udpSessions },
  patternTime: {
    description: 'Time that the regular expressions of one host may take Envoy for one request, in milliseconds.',
    of: (settings) => settings.patternTime,
    min: 1,
  },
  patternMemory: {
    description: "Envoy's memory that all regular expressions need, in MB.",
    of: (settings) => settings.patternMemory,
    min: 1,
  },
  tlsProfiles: {
    description: 'TLS settings of all servers that differ from the default ones.',
    of: (settings) => settings.tlsProfiles,
  },
  connectionRules: {
    description: 'Rules of all routes in `tls`, `tcp` and `udp`.',
    of: (settings) => settings.connectionRules,
  },
  connectionPorts: {
    description: 'Ports for TCP, UDP and database protocols.',
    of: (settings) => settings.connectionPorts,
  },
  revisions: {
    description: 'Latest revisions that are kept, the head included.',
    of: (settings) => settings.keepRevisions,
    min: 1,
  },
  revisionDays: {
    description: 'Days for which a superseded revision is kept in any case.',
    of: (settings) => settings.keepRevisionsFor / DAY,
  },
  revisionStorage: {
    description: 'Size of what the kept revisions wrote, in bytes.',
    of: (settings) => settings.revisionStorage,
    min: 1,
  },
  requestsPerSecond: {
    description: 'Requests per second to the API, with all credentials. Each process counts separately.',
    of: (settings) => settings.rateLimit,
    min: 1,
  },
  requestBurst: {
    description: 'Requests to the API that may arrive at once.',
    of: (settings) => settings.rateBurst,
    min: 1,
  },
  tokens: { description: 'Valid tokens.', of: (settings) => settings.tokens },
  members: { description: 'Members.', of: (settings) => settings.members, min: 1 },
  domains: { description: 'Claimed domains.', of: (settings) => settings.domains },
  fleets: { description: 'Fleets that the tenant manages.', of: (settings) => settings.fleets },
} as const satisfies Record<string, Quota>;

export type QuotaName = keyof typeof quotas;
/** The limits of one tenant. */
export type Quotas = Readonly<Record<QuotaName, number>>;
/** The limits that a plan sets. */
export type SetQuotas = { [Q in QuotaName]?: number | undefined };

export const quotaNames = Object.keys(quotas) as QuotaName[];

/** The name of the plan that a tenant has until an operator chooses another one. It exists without a row. */
export const DEFAULT_PLAN = 'default';

/**
 * Returns the limits of a plan: those that it sets, and for all others the settings.
 *
 * @param set the limits that the plan sets; undefined when there is no such plan
 */
export function quotasOf(settings: Settings, set: SetQuotas | undefined): Quotas {
  const limits: { -readonly [Q in QuotaName]?: number } = {};
  for (const name of quotaNames) limits[name] = set?.[name] ?? quotas[name].of(settings);
  // The loop has set every member.
  return limits as Quotas;
}
