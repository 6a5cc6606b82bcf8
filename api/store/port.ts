/**
 * What the control API needs of a database. One implementation over Drizzle's query builder; drivers run its
 * statements on SQLite, D1 or PostgreSQL. Every write is ONE atomic batch, guarded by unique constraints; nothing here reads and
 * then writes inside a batch. Instants are milliseconds since the epoch.
 */
import type { CertificateInfo, Kind, SpecOf } from '../../model/kinds/index.ts';
import type { ListenerRejection } from '../../wire/feed.ts';

export interface Tenant {
  name: string;
  displayName: string;
  labels: Record<string, string>;
  /** Head revision; 0 = nothing configured yet. */
  revision: number;
  /**
   * Identity of the head: two heads of one number, made by writers that did not know of each other, have different ids.
   */
  head: string;
  createdAt: number;
  /** `r<n>` ETag source: the store adds 1 at every update of the tenant itself. To update, pass the version that was read. */
  version: number;
  /** Revisions before it have been pruned. The store's own: ignored in what is written. */
  oldest: number;
}

export type StoredResource<K extends Kind = Kind> = {
  [P in K]: {
    kind: P;
    name: string;
    spec: SpecOf<P>;
    info?: P extends 'certificate' ? CertificateInfo : never;
    revision: number;
    updatedAt: number;
  };
}[K];

/** A resource as it is kept: its spec and info are JSON. What is only passed on is not read and written again. */
export interface KeptResource {
  kind: string;
  name: string;
  spec: string;
  info: string | null;
  revision: number;
  updatedAt: number;
}

export interface Revision {
  tenant: string;
  number: number;
  parent: number;
  author: string;
  message: string;
  createdAt: number;
  /** SHA-256 over those of all its resources, hex. */
  contentHash: string;
  /** What it changed, `put routes/reviews`. */
  changes: { verb: 'put' | 'delete'; kind: Kind; name: string }[];
  /** Set when it was made by `restore: N`. */
  restores?: number;
}

export interface SealedKey {
  /** SHA-256 of the public key (SPKI), hex: `info.publicKeySha256` of every certificate that uses it. */
  id: string;
  /** Which sealing key opens it. */
  keyId: string;
  /** base64 of iv ‖ ciphertext ‖ tag. */
  sealed: string;
}

export interface Audit {
  actor: string;
  action: string;
  target: string;
  at: number;
  requestId: string;
  remote: string;
  /** Of a request with an `Idempotency-Key`. */
  reply?: KeptReply;
}

/**
 * The response of a request with an `Idempotency-Key`, stored in the batch of the change that it reports. The batch
 * fails (`lostKey`) when another request has taken the key meanwhile, so no key changes anything twice.
 */
export interface KeptReply extends IdempotentResponse {
  owner: string;
  key: string;
  /** The instant at which the key was taken. */
  at: number;
}

/** One revision, whole or not at all. */
export interface Commit {
  tenant: string;
  /** Guard, when given: the tenant is the one that was loaded, not a later one of its name. */
  tenantCreatedAt?: number;
  revision: Omit<Revision, 'tenant'>;
  /**
   * Id of the head that this commit makes, and of the one that it was made from. Guard: the latter is still the head,
   * by number and by id.
   */
  head: { id: string; parent: string };
  /** The tenant's turn is held (`turn`): the commit does not wait for it. */
  inTurn?: boolean;
  /** `json` is the spec as text, where it is known already. */
  puts: { kind: Kind; name: string; spec: unknown; json?: string; info?: CertificateInfo }[];
  deletes: { kind: Kind; name: string }[];
  keys: SealedKey[];
  /** Host claims on shared fleets: what the gateways of the new head hold minus what the old head held, and the other way round. */
  claims: { add: string[]; remove: string[] };
  /** One row a fleet concerned. `base` 0 = send the whole; `leaves` = the fleet no longer serves the tenant. */
  feeds: { fleet: string; base: number; leaves: boolean }[];
  /** Guard: the fleets' generation that `feeds` was computed from. */
  fleetGeneration: number;
  audit: Audit;
}

/** The outcome of a commit; a conflict wrote nothing. */
export type CommitOutcome =
  | { ok: true; seqs: { fleet: string; seq: number }[] }
  /** The head is not the parent that the commit was made from, or the fleets changed meanwhile: load again. */
  | { ok: false; conflict: 'revision' | 'fleets' }
  /** Another tenant holds a host that is equal to or overlaps one of these. */
  | { ok: false; conflict: 'host'; hosts: string[] };

export interface Token {
  id: string;
  /** Absent on platform tokens and agent tokens. */
  tenant?: string;
  /** Present on agent tokens. */
  fleet?: string;
  description: string;
  scopes: ('read' | 'write' | 'admin' | 'agent' | 'operator')[];
  createdAt: number;
  expiresAt?: number;
  revokedAt?: number;
  /** First characters of the token, for people to tell them apart. */
  prefix: string;
}

export interface Fleet {
  name: string;
  labels: Record<string, string>;
  ports: { number: number; bind: number; protocol: 'HTTP' | 'HTTPS' }[];
  address?: string;
  tenant?: string;
  /** CIDRs no upstream of this fleet may point to. */
  denyDestinations: string[];
  createdAt: number;
  /** As a tenant's: the store adds 1 at every update; to update, pass the version that was read. */
  version: number;
  /**
   * Last feed sequence number handed out. The store's own: ignored in what is written, but of a new fleet, which begins
   * at `firstSeq` or above.
   */
  seq: number;
}

/** What a change of the fleets was judged on, and the host claims that it moves between dedicated and shared fleets. */
export interface FleetJudgement {
  /** Guard: the generation of the fleets that it was judged beside. */
  generation: number;
  /**
   * Claims of each tenant that could gain or lose some, which may be none. Guard: its head is still the one that was
   * judged.
   */
  claims: { tenant: string; revision: number; add: string[]; remove: string[] }[];
}

/**
 * False: the name is taken, or the version is stale. `raced`: judge again. `host`: another tenant holds one of the
 * claims.
 */
export type FleetOutcome = boolean | 'raced' | 'host';

export interface FeedRow {
  seq: number;
  tenant: string;
  /** 0 when the tenant was removed. */
  revision: number;
  base: number;
  leaves: boolean;
  createdAt: number;
}

export interface Node {
  fleet: string;
  name: string;
  agent: string;
  version: string;
  connected: boolean;
  acked: number;
  live: number;
  lastSeenAt: number;
  listenerRejections: ListenerRejection[];
}

export interface NodeRejection {
  fleet: string;
  node: string;
  tenant: string;
  revision: number;
  resource: string;
  path: string;
  message: string;
  /** When it was first reported. */
  at: number;
  /** It no longer stands. */
  over?: boolean | undefined;
  /** Nobody refused it: what the revision changed was changed again before the node was sent it. */
  superseded?: boolean | undefined;
}

interface Page {
  /** At most this many, 1…500. */
  limit: number;
  /** Exclusive lower bound in the list's own order: the last key of the page before. */
  after?: string;
}

export interface IdempotentResponse {
  /** SHA-256 of method, path, preconditions, preferences and body, hex: the same key with another request is a 422. */
  requestHash: string;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A superseded revision is kept while either says so. */
interface RevisionTerms {
  /** As many of the last, the head included; 1 or more. */
  keep: number;
  /** Those that were the head at this instant, or since. */
  since: number;
}

/** What is kept for a time and then deleted; each by the instant it was written, nodes by the last that was heard of them. */
export type Expiring = 'idempotency' | 'audit' | 'rejection' | 'node';

/** What is no longer kept. Each call is a small batch, so that writers come in between; it answers whether there is more to do. */
interface Retention {
  /**
   * Forgets rows older than the last `keep`, at most `limit` of them; an agent that is further behind takes a snapshot.
   *
   * @returns whether there are more to forget
   */
  pruneFeed(fleet: string, keep: number, limit: number): Promise<boolean>;
  /** Forgets rows from before an instant, but none that a connected node has yet to pass. */
  expireFeed(fleet: string, before: number, limit: number): Promise<boolean>;
  /** Tenants that may have something to prune, by name. */
  superseded(page: Page, terms: RevisionTerms): Promise<string[]>;
  /**
   * Deletes what only superseded revisions held. Never the head, nor what the feed still has to tell, nor what a refused revision left on a
   * node: those stay as long as their feed rows and rejections do.
   */
  pruneRevisions(tenant: string, terms: RevisionTerms, limit: number): Promise<boolean>;
  /** Rejections of a head stay, however old. */
  expire(what: Expiring, before: number, limit: number): Promise<boolean>;
  /** Gives the room of what was deleted back, where the database does not do so by itself. */
  tidy(): Promise<void>;
}

/** Something that other processes on the same database may want to know of at once. */
export type Topic = 'report' | 'fleets' | 'tokens' | `tokens/${string}` | `feed/${string}` | `tenant/${string}`;

/**
 * Word from process to process. It is quick, and may be lost: whoever listens also looks for itself, now and then.
 */
export interface News {
  /** Tells the others, not this process. Never throws, never waits. */
  tell(...topics: Topic[]): void;
  /** `undefined` is told when word may have been lost: anything may have happened. */
  listen(listener: (topic: Topic | undefined) => void): void;
}

export interface Store extends Retention {
  // tenants: create answers false when the name is taken; update/remove answer false when `version` is stale or it is gone
  createTenant(tenant: Tenant, audit: Audit): Promise<boolean>;
  tenant(name: string): Promise<Tenant | undefined>;
  tenants(page: Page & { prefix?: string; label?: [string, string] }): Promise<Tenant[]>;
  updateTenant(tenant: Tenant, audit: Audit): Promise<boolean>;
  /** Removes the tenant with all it has and tells every fleet that served it (`leaves`). */
  removeTenant(
    name: string,
    version: number,
    audit: Audit,
  ): Promise<{ ok: boolean; seqs: { fleet: string; seq: number }[] }>;

  // tokens: looked up by SHA-256 of the whole token, hex
  /** Throws when the tenant or fleet it is for is gone (`lacksReference`). */
  createToken(token: Token, hash: string, audit: Audit): Promise<void>;
  tokenByHash(hash: string): Promise<Token | undefined>;
  tokens(owner: { tenant: string } | { fleet: string } | 'platform', page: Page): Promise<Token[]>;
  revokeToken(
    owner: { tenant: string } | { fleet: string } | 'platform',
    id: string,
    at: number,
    audit: Audit,
  ): Promise<boolean>;

  // configuration
  /** The head (or the snapshot at `revision`): every resource, sorted by kind and name. */
  resources(tenant: string, revision?: number): Promise<StoredResource[]>;
  resource(tenant: string, kind: Kind, name: string, revision?: number): Promise<KeptResource | undefined>;
  list<K extends Kind>(
    tenant: string,
    kind: K,
    page: Page & { prefix?: string; label?: [string, string]; revision?: number },
  ): Promise<StoredResource<K>[]>;
  /** Latest state, at `to`, of everything that changed in (from, to]. */
  changes(
    tenant: string,
    from: number,
    to: number,
  ): Promise<{ puts: StoredResource[]; deletes: { kind: Kind; name: string }[] }>;
  commit(commit: Commit): Promise<CommitOutcome>;
  /**
   * Waits for the tenant's turn, in the order in which processes ask; until it is given back, no commit without it goes
   * through. It ends by itself when its holder does. Absent where processes cannot wait for each other.
   *
   * @returns gives it back
   */
  turn?(tenant: string): Promise<() => void>;
  /** Which of these hosts a commit of the tenant could not claim right now, for another tenant's claims overlap them. */
  takenHosts(tenant: string, hosts: readonly string[]): Promise<string[]>;
  revision(tenant: string, number: number): Promise<Revision | undefined>;
  /** Newest first; `after` is a revision number. */
  revisions(tenant: string, page: Page): Promise<Revision[]>;
  sealedKeys(tenant: string, ids: string[]): Promise<SealedKey[]>;
  /** Some of all tenants' keys, to find out whether the settings open them. */
  someSealedKeys(limit: number): Promise<(SealedKey & { tenant: string })[]>;

  // fleets and the feed
  fleetGeneration(): Promise<number>;
  /** Where the feed of a fleet that is created now begins: above that of every fleet removed before. */
  firstSeq(): Promise<number>;
  createFleet(fleet: Fleet, audit: Audit, judged?: FleetJudgement): Promise<FleetOutcome>;
  fleet(name: string): Promise<Fleet | undefined>;
  fleets(page: Page & { label?: [string, string] }): Promise<Fleet[]>;
  /**
   * Bumps the generation. Whatever agents are told of the fleet makes every one of them take a new snapshot when it
   * changes.
   */
  updateFleet(fleet: Fleet, audit: Audit, judged?: FleetJudgement): Promise<FleetOutcome>;
  removeFleet(name: string, version: number, audit: Audit, judged?: FleetJudgement): Promise<FleetOutcome>;
  /** Rows with seq > after, in order. `tooOld`: rows between have been pruned or the fleet was redefined: take a snapshot. `head` is the fleet's last seq. */
  feed(fleet: string, after: number, limit: number): Promise<{ tooOld: boolean; head: number; rows: FeedRow[] }>;
  /** Rows up to this seq are pruned, or are another database's; 0 when there is no such fleet. */
  feedFloor(fleet: string): Promise<number>;
  /** Feed rows of one tenant's revision, for its status. */
  feedOf(tenant: string, revision: number): Promise<(FeedRow & { fleet: string })[]>;
  /** Tenants with at least one gateway, by name: the snapshot's pages. */
  tenantsWithGateways(page: Page): Promise<{ name: string; revision: number }[]>;

  // nodes
  saveNodes(nodes: Node[], rejections: NodeRejection[]): Promise<void>;
  nodes(fleet: string): Promise<Node[]>;
  rejections(tenant: string, revision: number): Promise<NodeRejection[]>;
  /** What connected nodes still reject of revisions before this one. */
  standingRejections(tenant: string, before: number): Promise<NodeRejection[]>;
  /** Revisions from `from` up to but not including `to` that changed a resource which was changed again up to `to`. */
  changedAgainIn(tenant: string, from: number, to: number): Promise<{ revision: number; kind: Kind; name: string }[]>;
  /**
   * Revisions from `from` to `to` that changed a resource of this kind, with this name if there is one; the latest
   * first, at most `limit`.
   */
  changedIn(
    tenant: string,
    resource: { kind: Kind; name?: string | undefined },
    range: { from: number; to: number; limit: number },
  ): Promise<number[]>;

  // the rest
  readonly news: News;
  /**
   * Takes an idempotency key for a request that is to run, whichever process asks. Answers `taken`, or what the key's first request was answered, or
   * `running` while it is. Keys expire after 24 h; who took one and fell loses it after a minute.
   */
  takeKey(
    owner: string,
    key: string,
    requestHash: string,
    at: number,
  ): Promise<'taken' | 'running' | IdempotentResponse>;
  /** Keeps the response of a key that was taken at this instant, of a request that changed nothing. */
  keepResponse(
    owner: string,
    key: string,
    response: Omit<IdempotentResponse, 'requestHash'>,
    at: number,
  ): Promise<void>;
  /** Gives back a key that was taken at this instant: its request failed, and may be tried again. */
  releaseKey(owner: string, key: string, at: number): Promise<void>;
  /**
   * Gives back every key whose request was still running: the process that ran it has ended. Harmless to those that do
   * run: see `KeptReply`.
   */
  releaseKeys(now: number): Promise<void>;
  keptResponse(owner: string, key: string, now: number): Promise<IdempotentResponse | undefined>;
  /** Answers when the database does; after a write that the database could not take, when it takes writes again. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
