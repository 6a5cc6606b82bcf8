/** The tables, once for every dialect. `schema.sqlite.ts` and `schema.pg.ts` are what drizzle-kit reads. */
import { sql } from 'drizzle-orm';
import type { Columns } from './dialect.ts';

/** Tenants and what they configured. */
function configuration({ table, text, integer, primaryKey, index, uniqueIndex }: Columns) {
  const tenant = table('tenant', {
    name: text('name').primaryKey(),
    displayName: text('display_name').notNull(),
    labels: text('labels').notNull(),
    revision: integer('revision').notNull(),
    /**
     * Which revision that is: another one of the same number has another id. Empty = a version before this column wrote
     * it.
     */
    head: text('head').notNull().default(''),
    createdAt: integer('created_at').notNull(),
    version: integer('version').notNull(),
    /** The first revision that is still whole: what only earlier ones held has been pruned. */
    oldest: integer('oldest').notNull().default(1),
  });

  // Its key is the lock of a commit: of two writers of one number the second violates it.
  const revision = table(
    'revision',
    {
      tenant: text('tenant').notNull(),
      number: integer('number').notNull(),
      parent: integer('parent').notNull(),
      author: text('author').notNull(),
      message: text('message').notNull(),
      createdAt: integer('created_at').notNull(),
      contentHash: text('content_hash').notNull(),
      changes: text('changes').notNull(),
      restores: integer('restores'),
    },
    (t) => [primaryKey({ columns: [t.tenant, t.number] })],
  );

  // A row is what a resource was from one revision up to, not including, another: the snapshot at R is from ≤ R < to.
  // A delete leaves a row too, from and to its own revision: in no snapshot, but found among what changed since.
  // Two indexes and no third: every one costs each commit a page of its own in the log, and that is what limits commits a second.
  const resourceVersion = table(
    'resource_version',
    {
      tenant: text('tenant').notNull(),
      kind: text('kind').notNull(),
      name: text('name').notNull(),
      fromRevision: integer('from_revision').notNull(),
      toRevision: integer('to_revision'),
      spec: text('spec').notNull(),
      info: text('info'),
      labels: text('labels').notNull(),
      updatedAt: integer('updated_at').notNull(),
    },
    (t) => [
      primaryKey({ columns: [t.tenant, t.fromRevision, t.kind, t.name] }),
      // The head, and at most one open row a resource.
      uniqueIndex('resource_version_head').on(t.tenant, t.kind, t.name).where(sql`${t.toRevision} is null`),
    ],
  );

  const sealedKey = table(
    'sealed_key',
    {
      tenant: text('tenant').notNull(),
      id: text('id').notNull(),
      keyId: text('key_id').notNull(),
      sealed: text('sealed').notNull(),
    },
    (t) => [primaryKey({ columns: [t.tenant, t.id] })],
  );

  // `reversed` holds the labels from the top level down (`com.example.*`), so that everything under a wildcard is one range.
  const hostClaim = table(
    'host_claim',
    {
      host: text('host').primaryKey(),
      tenant: text('tenant').notNull(),
      reversed: text('reversed').notNull(),
    },
    (t) => [index('host_claim_reversed').on(t.reversed), index('host_claim_tenant').on(t.tenant)],
  );

  return { tenant, revision, resourceVersion, sealedKey, hostClaim };
}

/** Fleets, what they are told, and what their nodes answered. */
function delivery({ table, text, integer, primaryKey, index }: Columns) {
  const fleet = table('fleet', {
    name: text('name').primaryKey(),
    labels: text('labels').notNull(),
    ports: text('ports').notNull(),
    address: text('address'),
    tenant: text('tenant'),
    denyDestinations: text('deny_destinations').notNull(),
    createdAt: integer('created_at').notNull(),
    version: integer('version').notNull(),
    /** Last number handed out. A row, not a sequence: its lock makes commit order feed order. */
    seq: integer('seq').notNull(),
    /** A cursor below it needs a snapshot. */
    floor: integer('floor').notNull(),
  });

  // One row. `seq` keeps the highest number of any removed fleet, so that a name used again never reuses a cursor.
  const fleetCounter = table('fleet_counter', {
    id: integer('id').primaryKey(),
    generation: integer('generation').notNull(),
    seq: integer('seq').notNull(),
  });

  const feed = table(
    'feed',
    {
      fleet: text('fleet').notNull(),
      seq: integer('seq').notNull(),
      tenant: text('tenant').notNull(),
      revision: integer('revision').notNull(),
      base: integer('base').notNull(),
      leaves: integer('leaves').notNull(),
      createdAt: integer('created_at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.fleet, t.seq] }), index('feed_tenant').on(t.tenant, t.revision)],
  );

  const node = table(
    'node',
    {
      fleet: text('fleet').notNull(),
      name: text('name').notNull(),
      agent: text('agent').notNull(),
      version: text('version').notNull(),
      connected: integer('connected').notNull(),
      acked: integer('acked').notNull(),
      live: integer('live').notNull(),
      lastSeenAt: integer('last_seen_at').notNull(),
      /** JSON of what it does not listen on, and why. */
      listenerRejections: text('listener_rejections').notNull().default('[]'),
    },
    (t) => [primaryKey({ columns: [t.fleet, t.name] })],
  );

  const rejection = table(
    'rejection',
    {
      tenant: text('tenant').notNull(),
      revision: integer('revision').notNull(),
      fleet: text('fleet').notNull(),
      node: text('node').notNull(),
      resource: text('resource').notNull(),
      path: text('path').notNull(),
      message: text('message').notNull(),
      at: integer('at').notNull(),
      /** When its node last reported it; it stands as long as that is the node's last report. 0 = it is over. */
      seenAt: integer('seen_at').notNull().default(0),
      /** 1 = nobody refused it: what it changed was changed again before it was sent. */
      superseded: integer('superseded').notNull().default(0),
    },
    (t) => [
      primaryKey({ columns: [t.tenant, t.revision, t.fleet, t.node, t.resource, t.path] }),
      index('rejection_fleet').on(t.fleet),
    ],
  );

  return { fleet, fleetCounter, feed, node, rejection };
}

/** Who may, who did, and what must not happen. */
function control({ table, text, integer, serial, primaryKey, index, foreignKey }: Columns, owners: Owners) {
  const token = table(
    'token',
    {
      id: text('id').primaryKey(),
      hash: text('hash').notNull().unique(),
      tenant: text('tenant'),
      fleet: text('fleet'),
      description: text('description').notNull(),
      scopes: text('scopes').notNull(),
      createdAt: integer('created_at').notNull(),
      expiresAt: integer('expires_at'),
      revokedAt: integer('revoked_at'),
      prefix: text('prefix').notNull(),
    },
    // Cascades, so that no token outlives its tenant and opens the next one of that name.
    (t) => [
      foreignKey({ columns: [t.tenant], foreignColumns: [owners.tenant.name] }).onDelete('cascade'),
      foreignKey({ columns: [t.fleet], foreignColumns: [owners.fleet.name] }).onDelete('cascade'),
      index('token_tenant').on(t.tenant, t.id),
      index('token_fleet').on(t.fleet, t.id),
    ],
  );

  const audit = table(
    'audit',
    {
      id: serial('id'),
      actor: text('actor').notNull(),
      action: text('action').notNull(),
      target: text('target').notNull(),
      at: integer('at').notNull(),
      requestId: text('request_id').notNull(),
      remote: text('remote').notNull(),
    },
    (t) => [index('audit_at').on(t.at)],
  );

  const idempotency = table(
    'idempotency',
    {
      owner: text('owner').notNull(),
      key: text('key').notNull(),
      requestHash: text('request_hash').notNull(),
      status: integer('status').notNull(),
      headers: text('headers').notNull(),
      body: text('body').notNull(),
      createdAt: integer('created_at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.owner, t.key] }), index('idempotency_created').on(t.createdAt)],
  );

  // Always empty. A batch inserts a null here when a condition does not hold: the violated column names the condition.
  const guard = table('guard', {
    version: integer('version').notNull(),
    head: integer('head').notNull(),
    fleets: integer('fleets').notNull(),
    host: integer('host').notNull(),
  });

  return { token, audit, idempotency, guard };
}

type Owners = Pick<ReturnType<typeof configuration> & ReturnType<typeof delivery>, 'tenant' | 'fleet'>;

export function tables(columns: Columns) {
  const owners = { ...configuration(columns), ...delivery(columns) };
  return { ...owners, ...control(columns, owners) };
}

export type Tables = ReturnType<typeof tables>;
