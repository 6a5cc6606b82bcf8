import { hostname } from 'node:os';
import { z } from 'zod';

const Address = z.string().regex(/^(unix:.+|.+:\d{1,5})$/, 'must be host:port or unix:/path');
const milliseconds = (fallback: number, min: number) => {
  const error = `must be a whole number of milliseconds, ${min} or more; the default is ${fallback}`;
  return z.coerce.number(error).int(error).min(min, error).default(fallback);
};
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What an agent is told at start. Times in milliseconds. */
export const AgentSettings = z.strictObject({
  /** Base URL of the control API. */
  api: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .transform((url) => url.replace(/\/+$/, '')),
  /** Agent token of `fleet`. */
  token: z.string().min(1),
  fleet: z.string().min(1),
  /** Folder of the replica and of the key that seals private keys in it. */
  data: z.string().min(1),
  /** Where Envoys connect: private keys pass here, so a unix socket unless something else is asked for. */
  xds: Address,
  /** Health, readiness, metrics and dumps; nothing secret. */
  health: Address,
  agent: z.string().min(1).default(hostname()),
  /** base64 of 32 bytes; generated into `data` when absent. */
  sealingKey: z.base64('must be the base64 of 32 bytes').optional(),
  /** How long a change may take to be seen by a probe before it is reported as not confirmed. */
  probeTimeout: milliseconds(5000, 10),
  /** How long a host is kept loaded in an Envoy without a request. Its next request loads it again, in milliseconds. */
  hostIdle: milliseconds(3_600_000, 1000),
  logLevel: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});
export type AgentSettings = z.output<typeof AgentSettings>;

interface Variable {
  name: string;
  /** The option of `gatehouse agent` that sets it. Secrets have none. */
  option?: string;
  example?: string;
}

/** The environment variable of each setting. */
const VARIABLES: Record<keyof AgentSettings, Variable> = {
  api: { name: 'GATEHOUSE_API', option: '--api', example: 'http://127.0.0.1:8480' },
  token: { name: 'GATEHOUSE_AGENT_TOKEN', example: 'the token that POST /v1/fleets/FLEET/tokens returned' },
  fleet: { name: 'GATEHOUSE_FLEET', option: '--fleet', example: 'edge' },
  data: { name: 'GATEHOUSE_DATA', option: '--data', example: '.gatehouse/edge' },
  xds: { name: 'GATEHOUSE_XDS', option: '--xds', example: 'unix:/run/gatehouse/xds.sock' },
  health: { name: 'GATEHOUSE_HEALTH', option: '--health', example: '127.0.0.1:8481' },
  agent: { name: 'GATEHOUSE_AGENT', option: '--name', example: 'edge-1' },
  sealingKey: { name: 'GATEHOUSE_AGENT_SEALING_KEY', example: 'the output of `openssl rand -base64 32`' },
  probeTimeout: { name: 'GATEHOUSE_PROBE_TIMEOUT' },
  hostIdle: { name: 'GATEHOUSE_HOST_IDLE' },
  logLevel: { name: 'GATEHOUSE_LOG' },
};

/**
 * Reads the agent's settings from the environment.
 *
 * @throws Error that names every variable that is missing or wrong, with its option and an example, never its value
 */
export function agentSettings(env: Record<string, string | undefined>): AgentSettings {
  const given = Object.entries(VARIABLES).flatMap(([key, { name }]) => (env[name] ? [[key, env[name]]] : []));
  const parsed = AgentSettings.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const { name, option, example } = VARIABLES[issue.path[0] as keyof AgentSettings];
    const what = env[name] ? issue.message : 'is missing';
    return `  ${name}${option ? ` (${option})` : ''} ${what}${example ? `; for example ${example}` : ''}`;
  });
  throw new Error(`the agent's settings are not usable:\n${lines.join('\n')}`);
}
