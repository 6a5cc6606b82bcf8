import { Resolver } from 'node:dns';
import { hostname } from 'node:os';
import { z } from 'zod';
import { line } from '../model/values/shown-text.ts';
import { IDENTITY_FILE, type Identity, readIdentity } from './feed/identity.ts';

const Address = z.string().regex(/^(unix:.+|.+:\d{1,5})$/, 'must be host:port or unix:/path');
const milliseconds = (fallback: number, min: number) => {
  const error = `must be a whole number of milliseconds, ${min} or more; the default is ${fallback}`;
  return z.coerce.number(error).int(error).min(min, error).default(fallback);
};
const count = (fallback: number, min: number) => {
  const error = `must be a whole number, ${min} or more; the default is ${fallback}`;
  return z.coerce.number(error).int(error).min(min, error).default(fallback);
};
/** Whether the resolver of Node.js accepts these name servers. */
function areServers(servers: readonly string[]): boolean {
  try {
    new Resolver().setServers(servers);
    return true;
  } catch {
    return false;
  }
}
const ROLES = ['edge', 'sidecar'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/**
 * The settings of an agent. Times are in ms. `npm run pages` writes docs/reference/settings.md from the descriptions.
 */
export const AgentSettings = z.strictObject({
  api: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .meta({ description: 'Base URL of the control API.', fallback: 'that of the enrolment' }),
  token: z.string().min(1).optional().meta({
    description: 'Agent token of the fleet, for an agent that has not enrolled (`gatehouse agent enroll`).',
    fallback: 'the credential that the agent renews',
  }),
  fleet: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Fleet that the agent belongs to.', fallback: 'that of the enrolment' }),
  data: z.string().min(1).meta({
    description: 'Folder of the replica and of the key that seals private keys in it. One agent per folder.',
  }),
  xds: Address.meta({
    description: 'Where Envoys connect, `unix:/path` or `host:port`. Private keys pass here: prefer a unix socket.',
  }),
  health: Address.meta({
    description: 'Where health, readiness, metrics and dumps are served, `host:port` or `unix:/path`. Nothing secret.',
  }),
  agent: line(255).min(1).default(hostname()).meta({ description: 'Name of this agent.', fallback: 'the host name' }),
  sealingKey: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be the base64 of 32 bytes')
    .optional()
    .meta({
      description: 'Key that seals private keys in the replica: the base64 of 32 bytes.',
      fallback: 'a key in the data folder, created at the first start',
    }),
  role: z
    .enum(ROLES, `must be one of ${ROLES.join(', ')}`)
    .default('edge')
    .meta({
      description:
        'Role of the Envoys: `edge` serves the ports of the fleet, `sidecar` the routes that are bound to `mesh`.',
    }),
  outbound: z
    .string()
    .regex(/^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d{1,5}$/i, 'must be address:port')
    .default('127.0.0.1:15001')
    .meta({ description: 'Where the Envoys of sidecars take requests of the service beside them, `address:port`.' }),
  nameServers: z
    .string()
    .min(1)
    .transform((list) => list.split(',').map((server) => server.trim()))
    .refine(areServers, 'must be IP addresses, each with or without a port, separated by commas')
    .optional()
    .meta({
      description: 'Name servers for the DNS names of upstreams, `address` or `address:port`, separated by commas.',
      fallback: 'those of `/etc/resolv.conf`, which is read again when it changes',
    }),
  probeTimeout: milliseconds(5000, 10).meta({
    description: 'How long the agent probes for a change before it reports the change as not confirmed.',
    unit: 'ms',
  }),
  hostIdle: milliseconds(3_600_000, 1000).meta({
    description: 'How long an Envoy keeps a host loaded without a request. Its next request loads it again.',
    unit: 'ms',
  }),
  serverNames: count(10_000, 1).meta({
    description:
      'For how many server names below wildcards, or in other spellings, an Envoy keeps certificates, about 20 KB each. Above it, the oldest are removed, and their next handshakes load them again.',
  }),
  logLevel: z
    .enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)
    .default('info')
    .meta({ description: `Log level: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.` }),
});
export type AgentSettings = Omit<z.output<typeof AgentSettings>, 'api' | 'fleet'> & {
  api: string;
  fleet: string;
  /** The identity of an agent that has enrolled. Its credential is used instead of `token`. */
  identity?: Identity;
};

/** The files of the data folder of which every start leaves at least one. */
export const DATA_FILES = ['lock', 'replica.sqlite', 'agent.key', IDENTITY_FILE];

interface Variable {
  name: string;
  /** The option of `gatehouse agent` that sets it. Secrets have none. */
  option?: string;
  example?: string;
}

/** The environment variable of each setting. */
export const VARIABLES: Record<keyof z.output<typeof AgentSettings>, Variable> = {
  api: { name: 'GATEHOUSE_API', option: '--api', example: 'http://127.0.0.1:8480' },
  token: {
    name: 'GATEHOUSE_AGENT_TOKEN',
    example: 'the token that POST /v1/fleets/FLEET/tokens returned, or enrol with gatehouse agent enroll',
  },
  fleet: { name: 'GATEHOUSE_FLEET', option: '--fleet', example: 'edge' },
  data: { name: 'GATEHOUSE_DATA', option: '--data', example: '.gatehouse/edge' },
  xds: { name: 'GATEHOUSE_XDS', option: '--xds', example: 'unix:/run/gatehouse/xds.sock' },
  health: { name: 'GATEHOUSE_HEALTH', option: '--health', example: '127.0.0.1:8481' },
  agent: { name: 'GATEHOUSE_AGENT', option: '--name', example: 'edge-1' },
  sealingKey: { name: 'GATEHOUSE_AGENT_SEALING_KEY', example: 'the output of `openssl rand -base64 32`' },
  role: { name: 'GATEHOUSE_ROLE' },
  outbound: { name: 'GATEHOUSE_OUTBOUND' },
  nameServers: { name: 'GATEHOUSE_NAME_SERVERS' },
  probeTimeout: { name: 'GATEHOUSE_PROBE_TIMEOUT' },
  hostIdle: { name: 'GATEHOUSE_HOST_IDLE' },
  serverNames: { name: 'GATEHOUSE_SERVER_NAMES' },
  logLevel: { name: 'GATEHOUSE_LOG' },
};

/** The settings that an agent without an identity needs. */
const WITHOUT_IDENTITY = ['api', 'token', 'fleet'] as const;

/**
 * Reads the agent's settings from the environment, and its identity from the data folder.
 *
 * @throws Error that names every variable that is missing or wrong, with its option and an example, never its value
 */
export function agentSettings(env: Record<string, string | undefined>): AgentSettings {
  const given = Object.entries(VARIABLES).flatMap(([key, { name }]) => (env[name] ? [[key, env[name]]] : []));
  const parsed = AgentSettings.safeParse(Object.fromEntries(given));
  const identity = env[VARIABLES.data.name] ? readIdentity(env[VARIABLES.data.name]!) : undefined;
  const wrong = parsed.error?.issues.map(({ path, message }) => ({ key: path[0] as keyof typeof VARIABLES, message }));
  const missing = identity ? [] : WITHOUT_IDENTITY.filter((key) => !env[VARIABLES[key].name]);
  const order = Object.keys(VARIABLES);
  const unusable = [...missing.map((key) => ({ key, message: '' })), ...(wrong ?? [])].toSorted(
    (a, b) => order.indexOf(a.key) - order.indexOf(b.key),
  );
  const lines = unusable.map(({ key, message }) => {
    const { name, option, example } = VARIABLES[key];
    const what = env[name] ? message : 'is missing';
    return `  ${name}${option ? ` (${option})` : ''} ${what}${example ? `; for example ${example}` : ''}`;
  });
  if (identity && parsed.data?.fleet !== undefined && parsed.data.fleet !== identity.fleet)
    lines.push(`  ${VARIABLES.fleet.name} (--fleet) is not the fleet in which the agent enrolled: ${identity.fleet}`);
  if (!parsed.data || lines.length > 0) throw new Error(`the agent's settings are not usable:\n${lines.join('\n')}`);
  const { api = identity?.api ?? '', fleet = identity?.fleet ?? '', ...rest } = parsed.data;
  return { ...rest, api, fleet, ...(identity && { identity }) };
}
