import type { Sha256, Tokens } from './access/authenticate.ts';
import type { AllGrants } from './access/grants.ts';
import { authorOf, type Principal } from './access/principal.ts';
import type { Resolver } from './dns/resolver.ts';
import type { DomainChecks } from './domain-checks/checks.ts';
import type { Feeds } from './feed/feeds.ts';
import { type Network, networksOf } from './http/client-address.ts';
import type { Compression } from './http/encoding.ts';
import type { RateLimit } from './http/rate-limit.ts';
import type { ResponseRoom } from './http/room.ts';
import type { WaitingRequests } from './http/waiting.ts';
import type { Outbox } from './mail/outbox.ts';
import type { Metrics } from './observe/metrics.ts';
import type { OidcProvider } from './oidc/provider.ts';
import type { People } from './people/people.ts';
import type { TenantQuotas } from './plans/tenant-quotas.ts';
import type { Heads } from './publishing/heads/heads.ts';
import type { FixedBytes, Reply } from './reply.ts';
import type { Sealer } from './secrets/seal.ts';
import type { FleetDirectory } from './serving/directory.ts';
import type { Settings } from './settings.ts';
import type { StatusBoard } from './status/board.ts';
import type { FleetSummaries } from './status/fleet-summaries.ts';
import type { Audit } from './store/audit.ts';
import type { KeptReply } from './store/idempotency.ts';
import type { Store } from './store/store.ts';
import type { Turns } from './store/turns.ts';
import type { Preconditions } from './version.ts';

/** The subset of pino that this API uses. Tokens, keys and bodies are never passed to it. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

/** The objects that all requests share. */
export interface Services {
  readonly store: Store;
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: () => number;
  readonly sha256: Sha256;
  readonly tokens: Tokens;
  readonly grants: AllGrants;
  readonly people: People;
  /** Absent when no OpenID Connect provider is configured. */
  readonly oidc?: OidcProvider;
  readonly rate: RateLimit;
  readonly heads: Heads;
  readonly fleets: FleetDirectory;
  readonly plans: TenantQuotas;
  readonly feeds: Feeds;
  readonly board: StatusBoard;
  readonly summaries: FleetSummaries;
  readonly waiting: WaitingRequests;
  /** The queues of `oneAtATime`. Absent on Workers, where a request must not wait for another one. */
  readonly heavyReads?: Turns;
  /** Absent on Workers, for the same reason. */
  readonly room?: ResponseRoom;
  /** Limits the checks of domains that requests run. */
  readonly checks: DomainChecks;
  /** Finds the proofs of domains. */
  readonly dns: Resolver;
  readonly sealer: Sealer;
  /** Queues e-mail messages. */
  readonly mail: Outbox;
  readonly metrics: Metrics;
  /** The content codings of responses. Absent where the platform compresses responses itself. */
  readonly compression?: Compression;
  /** The same services on a read replica of the database, whose data may be slightly outdated. */
  readonly replica?: Services;
  readonly asset?: (name: string) => { body: FixedBytes; type: string } | undefined;
}

/**
 * Prepares a reply for storage under the request's `Idempotency-Key`. The context has no such function when the request
 * has no key.
 */
export type Keep = (reply: Reply) => Promise<KeptReply>;

/** One request: its caller, and the services of the process. */
export class Context {
  readonly services: Services;
  readonly principal: Principal;
  readonly requestId: string;
  /** The IP address of the client; empty when it is unknown. */
  readonly remote: string;
  readonly preconditions: Preconditions;
  /** The time of the request, in milliseconds since 1970. All rows that the request writes have this time. */
  readonly now: number;
  readonly keep: Keep | undefined;
  readonly #signal: (() => AbortSignal | undefined) | undefined;

  constructor(
    services: Services,
    principal: Principal,
    requestId: string,
    remote: string,
    preconditions: Preconditions,
    keep: Keep | undefined,
    signal?: () => AbortSignal | undefined,
  ) {
    this.services = services;
    this.principal = principal;
    this.requestId = requestId;
    this.remote = remote;
    this.preconditions = preconditions;
    this.keep = keep;
    this.#signal = signal;
    this.now = services.clock();
  }

  /** Aborted when the client disconnects; undefined where nobody waits. */
  get signal(): AbortSignal | undefined {
    return this.#signal?.();
  }

  get store(): Store {
    return this.services.store;
  }

  /** The networks of the client, by which anonymous requests are limited. */
  get networks(): Network[] {
    return networksOf(this.remote);
  }

  /** The stable name of the caller, for revisions and the audit log. */
  get author(): string {
    return authorOf(this.principal);
  }

  audit(action: string, target: string): Audit {
    return { actor: this.author, action, target, at: this.now, requestId: this.requestId, remote: this.remote };
  }

  /**
   * Makes the audit entry that a POST adds to the batch of its change. With an `Idempotency-Key`, the entry contains
   * the reply. The database then stores the change and the reply together, or neither of them.
   */
  async record(action: string, target: string, reply: (() => Reply) | undefined): Promise<Audit> {
    const kept = reply && (await this.keep?.(reply()));
    return { ...this.audit(action, target), ...(kept && { reply: kept }) };
  }
}
