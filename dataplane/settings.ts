import { hostname } from 'node:os';
import { z } from 'zod';

const Address = z.string().regex(/^(unix:.+|.+:\d{1,5})$/, 'expected host:port or unix:/path');

/** What an agent is told at start. Times in milliseconds. */
export const AgentSettings = z.strictObject({
  /** Base URL of the control API. */
  api: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
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
  sealingKey: z.base64().optional(),
  /** How long a change may take to be seen by a probe before it is reported as not confirmed. */
  probeTimeout: z.coerce.number().int().min(10).default(5000),
  /** How long a host is kept loaded in an Envoy without a request. Its next request loads it again, in milliseconds. */
  hostIdle: z.coerce.number().int().min(1000).default(3_600_000),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});
export type AgentSettings = z.output<typeof AgentSettings>;

const VARIABLES: Record<keyof AgentSettings, string> = {
  api: 'GATEHOUSE_API',
  token: 'GATEHOUSE_AGENT_TOKEN',
  fleet: 'GATEHOUSE_FLEET',
  data: 'GATEHOUSE_DATA',
  xds: 'GATEHOUSE_XDS',
  health: 'GATEHOUSE_HEALTH',
  agent: 'GATEHOUSE_AGENT',
  sealingKey: 'GATEHOUSE_AGENT_SEALING_KEY',
  probeTimeout: 'GATEHOUSE_PROBE_TIMEOUT',
  hostIdle: 'GATEHOUSE_HOST_IDLE',
  logLevel: 'GATEHOUSE_LOG',
};

/**
 * Reads the agent's settings from the environment.
 *
 * @throws Error that names every variable that is missing or wrong, never its value
 */
export function agentSettings(env: Record<string, string | undefined>): AgentSettings {
  const given = Object.entries(VARIABLES).flatMap(([key, name]) => (env[name] ? [[key, env[name]]] : []));
  const parsed = AgentSettings.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    (issue) => `  ${VARIABLES[issue.path[0] as keyof AgentSettings] ?? issue.path.join('.')}: ${issue.message}`,
  );
  throw new Error(`the agent's settings are not usable:\n${lines.join('\n')}`);
}
