import { z } from 'zod';

const whole = (fallback: number, min = 0) => {
  const error = `must be a whole number, ${min} or more; the default is ${fallback}`;
  return z.coerce.number(error).int(error).min(min, error).default(fallback);
};
const days = (fallback: number) => whole(fallback).transform((count) => count * 24 * 60 * 60 * 1000);

const TOKEN_LENGTH = 'must have 16 to 256 characters, for example the output of `openssl rand -hex 32`';
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
/** The options of `gatehouse api` that set a variable. */
const OPTIONS: Readonly<Record<string, string>> = { GATEHOUSE_STORE: '--store', GATEHOUSE_LISTEN: '--listen' };

/** As browsers write it: a scheme, a host, perhaps a port, and nothing after. */
const isOrigin = (text: string): boolean =>
  text === '*' || (/^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text);

/** Read from the environment once, here, and passed in from there. Numbers are milliseconds or bytes unless named otherwise. */
export const Settings = z
  .object({
    GATEHOUSE_STORE: z
      .string()
      .regex(/^[a-z]+:.+/, 'must be a store URL such as sqlite:.gatehouse/api.sqlite')
      .default('sqlite:.gatehouse/api.sqlite'),
    /** A read replica of a PostgreSQL store, for reads that say `Prefer: stale-ok`. */
    GATEHOUSE_STORE_REPLICA: z.string().optional(),
    GATEHOUSE_LISTEN: z
      .string()
      .regex(/^(.+):(\d{1,5})$/, 'must be host:port, for example 127.0.0.1:8480')
      .default('127.0.0.1:8480'),
    /** `id:base64 of 32 bytes`, comma separated. The first seals, all open: rotate by putting a new one in front. */
    GATEHOUSE_SEALING_KEYS: z.string().optional(),
    GATEHOUSE_OPERATOR_TOKEN: z.string().min(16, TOKEN_LENGTH).max(256, TOKEN_LENGTH).optional(),
    /**
     * Origins whose pages may call the API, comma separated: `https://dashboard.example.com`; `*` = any. Default: none.
     */
    GATEHOUSE_CORS_ORIGINS: z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((origin) => origin.trim())
          .filter((origin) => origin !== ''),
      )
      .refine((origins) => origins.every(isOrigin), 'must be origins such as https://dashboard.example.com, or *'),
    /** Of the largest bodies, which write many resources; others are bounded lower, by route. */
    GATEHOUSE_BODY_LIMIT: whole(4 * 1024 * 1024, 1024),
    /** Hosts that all gateways of one tenant may name, and all its routes. A host counts once for each five labels. */
    GATEHOUSE_GATEWAY_HOSTS: whole(10_000, 1),
    GATEHOUSE_ROUTE_HOSTS: whole(50_000, 1),
    /** Requests a second of one token; 0 = no limit. */
    GATEHOUSE_RATE_LIMIT: whole(20_000),
    GATEHOUSE_RATE_BURST: whole(40_000, 1),
    /** Configuration of the tenants last written to that is kept in memory, as characters of JSON; it takes about five times as many bytes. */
    GATEHOUSE_HEAD_CACHE: whole(8_000_000, 1),
    GATEHOUSE_HEARTBEAT: whole(5_000, 10),
    /** How often streams look for what another API process committed. */
    GATEHOUSE_FEED_POLL: whole(1_000, 10),
    /** Bytes a feed reader may lag behind before it is cut off; it resumes at its cursor. */
    GATEHOUSE_FEED_BUFFER: whole(16 * 1024 * 1024, 1024),
    /** Changes a fleet's feed remembers. */
    GATEHOUSE_FEED_KEEP: whole(100_000),
    /** How often what is older is forgotten. */
    GATEHOUSE_FEED_PRUNE: whole(10_000, 10),
    /** A superseded revision is kept while it is one of the last so many, or was the head within so many days. */
    GATEHOUSE_KEEP_REVISIONS: whole(1_000, 1),
    GATEHOUSE_KEEP_REVISIONS_DAYS: days(90),
    GATEHOUSE_KEEP_AUDIT_DAYS: days(400),
    /** What nodes refused of revisions that are no longer the head. */
    GATEHOUSE_KEEP_REJECTIONS_DAYS: days(30),
    /** Nodes that were not heard of. */
    GATEHOUSE_KEEP_NODES_DAYS: days(30),
    /** How often what is past its term is deleted. */
    GATEHOUSE_RETENTION: whole(10 * 60_000, 10),
    /** A node not heard of for so long counts as gone. */
    GATEHOUSE_NODE_TIMEOUT: whole(20_000, 100),
    /** How long running requests may take to finish once the process is told to stop. */
    GATEHOUSE_DRAIN: whole(10_000),
    GATEHOUSE_LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  })
  .transform((env) => {
    const at = env.GATEHOUSE_LISTEN.lastIndexOf(':');
    return {
      store: env.GATEHOUSE_STORE,
      storeReplica: env.GATEHOUSE_STORE_REPLICA,
      host: env.GATEHOUSE_LISTEN.slice(0, at).replace(/^\[|\]$/g, ''),
      port: Number(env.GATEHOUSE_LISTEN.slice(at + 1)),
      sealingKeys: env.GATEHOUSE_SEALING_KEYS,
      operatorToken: env.GATEHOUSE_OPERATOR_TOKEN,
      corsOrigins: env.GATEHOUSE_CORS_ORIGINS,
      bodyLimit: env.GATEHOUSE_BODY_LIMIT,
      gatewayHosts: env.GATEHOUSE_GATEWAY_HOSTS,
      routeHosts: env.GATEHOUSE_ROUTE_HOSTS,
      rateLimit: env.GATEHOUSE_RATE_LIMIT,
      rateBurst: env.GATEHOUSE_RATE_BURST,
      headCache: env.GATEHOUSE_HEAD_CACHE,
      heartbeat: env.GATEHOUSE_HEARTBEAT,
      feedPoll: env.GATEHOUSE_FEED_POLL,
      feedBuffer: env.GATEHOUSE_FEED_BUFFER,
      feedKeep: env.GATEHOUSE_FEED_KEEP,
      feedPrune: env.GATEHOUSE_FEED_PRUNE,
      keepRevisions: env.GATEHOUSE_KEEP_REVISIONS,
      keepRevisionsFor: env.GATEHOUSE_KEEP_REVISIONS_DAYS,
      keepAuditFor: env.GATEHOUSE_KEEP_AUDIT_DAYS,
      keepRejectionsFor: env.GATEHOUSE_KEEP_REJECTIONS_DAYS,
      keepNodesFor: env.GATEHOUSE_KEEP_NODES_DAYS,
      retention: env.GATEHOUSE_RETENTION,
      nodeTimeout: env.GATEHOUSE_NODE_TIMEOUT,
      drain: env.GATEHOUSE_DRAIN,
      logLevel: env.GATEHOUSE_LOG_LEVEL,
    };
  });

export type Settings = z.infer<typeof Settings>;

/** @throws Error that names every variable at fault, never its value */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const read = Settings.safeParse(env);
  if (read.success) return read.data;
  throw new Error(read.error.issues.map(({ path, message }) => `${named(String(path[0]))} ${message}`).join('; '));
}

function named(variable: string): string {
  const option = OPTIONS[variable];
  return option === undefined ? variable : `${variable} (${option})`;
}
