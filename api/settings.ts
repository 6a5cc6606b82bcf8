import { z } from 'zod';
import { domainVariables } from './settings/domains.ts';
import { limitsOf, limitVariables } from './settings/limits.ts';
import { mailVariables } from './settings/mail.ts';
import { oidcVariables } from './settings/oidc.ts';
import { onboardingVariables } from './settings/onboarding.ts';
import { peopleVariables } from './settings/people.ts';
import { proxyVariables } from './settings/proxies.ts';
import { days, isServiceUrl, ms, whole } from './settings/variable.ts';

const TOKEN_LENGTH = 'must have 16 to 256 characters, for example the output of `openssl rand -hex 32`';
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
/** Whether a text is an origin as browsers write it: a scheme, a host and an optional port. */
const isOrigin = (text: string): boolean =>
  text === '*' || (/^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text);

/**
 * The environment variables. `npm run pages` writes docs/reference/settings.md from this: the description and the unit
 * of each, the option that sets it, and `fallback`, the text for a default that is not a value.
 */
export const Variables = z.object({
  GATEHOUSE_STORE: z
    .string()
    .regex(/^[a-z]+:.+/, 'must be a store URL such as sqlite:.gatehouse/api.sqlite')
    .default('sqlite:.gatehouse/api.sqlite')
    .meta({ description: 'Database: `sqlite:PATH` or `postgres://…`.', option: '--store' }),
  GATEHOUSE_STORE_REPLICA: z.string().optional().meta({
    description: 'URL of a read replica of a PostgreSQL store. It answers reads with `Prefer: stale-ok`.',
  }),
  GATEHOUSE_LISTEN: z
    .string()
    .regex(/^(.+):(\d{1,5})$/, 'must be host:port, for example 127.0.0.1:8480')
    .default('127.0.0.1:8480')
    .meta({ description: 'Address and port on which the API listens.', option: '--listen' }),
  GATEHOUSE_SEALING_KEYS: z
    .string()
    .optional()
    .meta({
      description:
        "Keys that seal tenants' private keys: `ID:KEY`, separated by commas. KEY is the base64 of 32 bytes. " +
        'The first key seals, and all keys decrypt. docs/operate/sealing.md describes how to change the key.',
      fallback: 'a key in the file `sealing.key` beside a SQLite database; required with any other database',
    }),
  GATEHOUSE_OPERATOR_TOKEN: z.string().min(16, TOKEN_LENGTH).max(256, TOKEN_LENGTH).optional().meta({
    description: 'Token of the first operator, 16 to 256 characters. The API registers it when it starts.',
  }),
  GATEHOUSE_CORS_ORIGINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ''),
    )
    .refine((origins) => origins.every(isOrigin), 'must be origins such as https://dashboard.example.com, or *')
    .meta({
      description:
        'Origins whose pages may call the API, separated by commas: `https://dashboard.example.com`; `*` allows all.',
    }),
  ...proxyVariables,
  ...domainVariables,
  ...onboardingVariables,
  ...mailVariables,
  ...peopleVariables,
  ...oidcVariables,
  GATEHOUSE_BODY_LIMIT: whole(4 * 1024 * 1024, 1024).meta({
    description: 'Maximum size of a request body that writes many resources. Other routes have lower limits.',
    unit: 'bytes',
  }),
  ...limitVariables,
  GATEHOUSE_RATE_LIMIT: whole(20_000).meta({
    description: 'Requests per second of one token or person; 0 = no limit. Each process counts separately.',
  }),
  GATEHOUSE_RATE_BURST: whole(40_000, 1).meta({ description: 'Requests of one token or person at once.' }),
  GATEHOUSE_HEAD_CACHE: whole(8_000_000, 1).meta({
    description:
      'Size of the configurations kept in memory, of the most recently changed tenants. They need about five times as many bytes.',
    unit: 'characters of JSON',
  }),
  GATEHOUSE_HEARTBEAT: ms(5_000, 10).meta({
    description: "Interval of the heartbeats in an agent's feed.",
    unit: 'ms',
  }),
  GATEHOUSE_FEED_POLL: ms(1_000, 10).meta({
    description: 'How often a process looks for feed events that another API process committed.',
    unit: 'ms',
  }),
  GATEHOUSE_FEED_BUFFER: whole(16 * 1024 * 1024, 1024).meta({
    description:
      'How far an agent may lag behind its feed before the API disconnects it. The agent then resumes at its cursor.',
    unit: 'bytes',
  }),
  GATEHOUSE_FEED_KEEP: whole(100_000).meta({ description: 'Changes kept in the feed of each fleet.' }),
  GATEHOUSE_FEED_PRUNE: ms(10_000, 10).meta({ description: 'How often older changes are deleted.', unit: 'ms' }),
  GATEHOUSE_ENDPOINT_EXPIRY: ms(5_000, 10).meta({
    description:
      'How often registered endpoints that have expired are removed. On Workers at least one minute. After an outage of the API of twice this time, every registration gets its whole time again.',
    unit: 'ms',
  }),
  GATEHOUSE_ACME_DIRECTORY: z
    .string()
    .refine(
      (text) => isServiceUrl(text, ['https']),
      'must be the https URL of a directory, such as https://acme-v02.api.letsencrypt.org/directory',
    )
    .optional()
    .meta({
      description:
        'Directory of the certificate authority from which certificates with `acme` are obtained: `https://acme-v02.api.letsencrypt.org/directory`. To set it is to agree to the terms of service of the authority.',
      fallback: 'none: tenants cannot have certificates with `acme`',
    }),
  GATEHOUSE_ACME_CONTACT: z
    .string()
    .regex(/^[^\s,@]+@[^\s,@]+$/, 'must be one e-mail address')
    .optional()
    .meta({ description: 'E-mail address that the certificate authority gets with the account.' }),
  GATEHOUSE_ACME_EAB: z
    .string()
    .regex(/^[^:\s]+:[\w-]+={0,2}$/, 'must be ID:KEY, as the authority gave them')
    .optional()
    .meta({
      description:
        'External account binding, `ID:KEY` with a KEY in base64url, for an authority that accepts accounts of its customers only.',
    }),
  GATEHOUSE_ACME_DNS_WEBHOOK: z
    .string()
    .refine(
      (text) => isServiceUrl(text, ['https', 'http']),
      'must be an http or https URL without a user and a password',
    )
    .optional()
    .meta({
      description:
        'Webhook that adds and removes the TXT records of the challenge DNS-01, with which wildcard certificates are obtained.',
      fallback: 'none: tenants cannot use DNS-01',
    }),
  GATEHOUSE_ACME_DNS_SECRET: z.string().optional().meta({
    description: 'Secret that signs the requests to that webhook: `whsec_` and the base64 of 24 to 64 bytes.',
  }),
  GATEHOUSE_ACME_ORDERS: whole(250, 1).meta({
    description:
      'Orders that the certificate authority gets in three hours. Further ones wait. Let’s Encrypt accepts 300.',
  }),
  GATEHOUSE_ACME_DOMAIN_ORDERS: whole(45, 1).meta({
    description:
      'Orders that the certificate authority gets in seven days for the names of one registered domain, such as `example.co.uk`. Further ones wait. All tenants get half of those for the domain of the platform, and one of them a tenth. Let’s Encrypt accepts 50.',
  }),
  GATEHOUSE_ACME_INTERVAL: ms(5_000, 10).meta({
    description: 'How often certificates that are due are obtained or renewed. On Workers at least one minute.',
    unit: 'ms',
  }),
  GATEHOUSE_KEEP_REVISIONS: whole(1_000, 1).meta({
    description: 'A superseded revision is kept while it is among the last N revisions of its tenant.',
  }),
  GATEHOUSE_KEEP_REVISIONS_DAYS: days(90, 'A superseded revision is also kept for this time after it was the head.'),
  GATEHOUSE_REVISION_STORAGE: whole(1024 ** 3, 1).meta({
    description:
      'Size of what the revisions of one tenant wrote. Beyond it, the oldest superseded revisions are deleted early.',
    unit: 'bytes',
  }),
  GATEHOUSE_KEEP_AUDIT_DAYS: days(400, 'How long the audit log is kept.'),
  GATEHOUSE_DELETION_GRACE_DAYS: days(
    7,
    'How long a deleted tenant can be restored. Its hosts answer 503 and stay its own meanwhile. 0: a deletion takes effect at once.',
  ),
  GATEHOUSE_KEEP_REJECTIONS_DAYS: days(30, 'How long rejections of revisions that are not the head are kept.'),
  GATEHOUSE_KEEP_NODES_DAYS: days(30, 'How long nodes that report nothing are kept.'),
  GATEHOUSE_KEEP_MAIL_DAYS: days(30, 'How long the list of e-mail messages that were sent or failed is kept.'),
  GATEHOUSE_AGENT_CREDENTIAL: ms(60 * 60_000, 1000).meta({
    description: 'How long the credential of an enrolled agent is valid. The agent renews it after half of this time.',
    unit: 'ms',
  }),
  GATEHOUSE_AGENT_OUTAGE_DAYS: days(
    30,
    'An enrolled agent that does not renew its credential for this time, such as one without a connection to the API, must enrol again.',
  ),
  GATEHOUSE_RETENTION: ms(10 * 60_000, 10).meta({ description: 'How often expired rows are deleted.', unit: 'ms' }),
  GATEHOUSE_NODE_TIMEOUT: ms(20_000, 100).meta({
    description: 'A node that reports nothing for this time counts as not connected.',
    unit: 'ms',
  }),
  GATEHOUSE_NODES: whole(10_000, 1).meta({
    description:
      'Nodes kept per fleet. Beyond this number, the nodes that were reported least recently are forgotten. In each process, as many agents may follow the feed of the fleet.',
  }),
  GATEHOUSE_DEDICATED_NODES: whole(2_000, 1).meta({
    description: 'The same for a fleet of one tenant, whose agents the tenant may run itself.',
  }),
  GATEHOUSE_WAITING: whole(200, 1).meta({
    description:
      'Requests of one tenant that may wait for a revision at once, with `Prefer: wait`. Each process counts separately.',
  }),
  GATEHOUSE_UNREAD_TIMEOUT: ms(30_000, 10).meta({
    description: 'A client that reads nothing of its response for this time is disconnected.',
    unit: 'ms',
  }),
  GATEHOUSE_DRAIN: ms(10_000).meta({
    description: 'How long running requests may take to finish after the process was asked to stop.',
    unit: 'ms',
  }),
  GATEHOUSE_LOG_LEVEL: z
    .enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)
    .default('info')
    .meta({ description: `Log level: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.` }),
});

/**
 * The settings of the API. The process reads them from the environment once, and passes them to its parts. Times are in
 * milliseconds, and sizes in bytes.
 */
export const Settings = Variables.transform((env) => {
  const at = env.GATEHOUSE_LISTEN.lastIndexOf(':');
  return {
    store: env.GATEHOUSE_STORE,
    storeReplica: env.GATEHOUSE_STORE_REPLICA,
    host: env.GATEHOUSE_LISTEN.slice(0, at).replace(/^\[|\]$/g, ''),
    port: Number(env.GATEHOUSE_LISTEN.slice(at + 1)),
    sealingKeys: env.GATEHOUSE_SEALING_KEYS,
    operatorToken: env.GATEHOUSE_OPERATOR_TOKEN,
    corsOrigins: env.GATEHOUSE_CORS_ORIGINS,
    trustedProxies: env.GATEHOUSE_TRUSTED_PROXIES,
    clientHeader: env.GATEHOUSE_CLIENT_HEADER,
    publicUrl: env.GATEHOUSE_PUBLIC_URL ?? `http://${env.GATEHOUSE_LISTEN}`,
    breachedPasswords: env.GATEHOUSE_BREACHED_PASSWORDS,
    sessionFor: env.GATEHOUSE_SESSION_DAYS,
    platformDomain: env.GATEHOUSE_PLATFORM_DOMAIN,
    tenantsPerPerson: env.GATEHOUSE_TENANTS_PER_PERSON,
    platformPort: env.GATEHOUSE_PLATFORM_PORT,
    platformGateway: env.GATEHOUSE_PLATFORM_GATEWAY,
    domainProof: env.GATEHOUSE_DOMAIN_PROOF,
    dnsRoots: env.GATEHOUSE_DNS_ROOTS,
    domainCheck: env.GATEHOUSE_DOMAIN_CHECK,
    domainGrace: env.GATEHOUSE_DOMAIN_GRACE_DAYS,
    mail: env.GATEHOUSE_MAIL,
    mailFrom: env.GATEHOUSE_MAIL_FROM,
    mailSecret: env.GATEHOUSE_MAIL_SECRET,
    mailLimit: env.GATEHOUSE_MAIL_LIMIT,
    mailInterval: env.GATEHOUSE_MAIL_INTERVAL,
    oidcIssuer: env.GATEHOUSE_OIDC_ISSUER,
    oidcClientId: env.GATEHOUSE_OIDC_CLIENT_ID,
    oidcClientSecret: env.GATEHOUSE_OIDC_CLIENT_SECRET,
    oidcDomains: env.GATEHOUSE_OIDC_DOMAINS,
    bodyLimit: env.GATEHOUSE_BODY_LIMIT,
    ...limitsOf(env),
    rateLimit: env.GATEHOUSE_RATE_LIMIT,
    rateBurst: env.GATEHOUSE_RATE_BURST,
    headCache: env.GATEHOUSE_HEAD_CACHE,
    heartbeat: env.GATEHOUSE_HEARTBEAT,
    feedPoll: env.GATEHOUSE_FEED_POLL,
    feedBuffer: env.GATEHOUSE_FEED_BUFFER,
    feedKeep: env.GATEHOUSE_FEED_KEEP,
    feedPrune: env.GATEHOUSE_FEED_PRUNE,
    endpointExpiry: env.GATEHOUSE_ENDPOINT_EXPIRY,
    acmeDirectory: env.GATEHOUSE_ACME_DIRECTORY,
    acmeContact: env.GATEHOUSE_ACME_CONTACT,
    acmeEab: env.GATEHOUSE_ACME_EAB,
    acmeDnsWebhook: env.GATEHOUSE_ACME_DNS_WEBHOOK,
    acmeDnsSecret: env.GATEHOUSE_ACME_DNS_SECRET,
    acmeOrders: env.GATEHOUSE_ACME_ORDERS,
    acmeDomainOrders: env.GATEHOUSE_ACME_DOMAIN_ORDERS,
    acmeInterval: env.GATEHOUSE_ACME_INTERVAL,
    keepRevisions: env.GATEHOUSE_KEEP_REVISIONS,
    keepRevisionsFor: env.GATEHOUSE_KEEP_REVISIONS_DAYS,
    revisionStorage: env.GATEHOUSE_REVISION_STORAGE,
    deletionGrace: env.GATEHOUSE_DELETION_GRACE_DAYS,
    keepAuditFor: env.GATEHOUSE_KEEP_AUDIT_DAYS,
    keepRejectionsFor: env.GATEHOUSE_KEEP_REJECTIONS_DAYS,
    keepNodesFor: env.GATEHOUSE_KEEP_NODES_DAYS,
    keepMailFor: env.GATEHOUSE_KEEP_MAIL_DAYS,
    agentCredential: env.GATEHOUSE_AGENT_CREDENTIAL,
    agentOutage: env.GATEHOUSE_AGENT_OUTAGE_DAYS,
    retention: env.GATEHOUSE_RETENTION,
    nodeTimeout: env.GATEHOUSE_NODE_TIMEOUT,
    nodes: env.GATEHOUSE_NODES,
    dedicatedNodes: env.GATEHOUSE_DEDICATED_NODES,
    waiting: env.GATEHOUSE_WAITING,
    unreadTimeout: env.GATEHOUSE_UNREAD_TIMEOUT,
    drain: env.GATEHOUSE_DRAIN,
    logLevel: env.GATEHOUSE_LOG_LEVEL,
  };
});

export type Settings = z.infer<typeof Settings>;

/**
 * Parses the settings.
 *
 * @throws Error that names every invalid variable, but never its value
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const read = Settings.safeParse(env);
  if (read.success) return read.data;
  throw new Error(read.error.issues.map(({ path, message }) => `${named(String(path[0]))} ${message}`).join('; '));
}

function named(variable: string): string {
  const option = Variables.shape[variable as keyof typeof Variables.shape]?.meta()?.option;
  return option === undefined ? variable : `${variable} (${option})`;
}
