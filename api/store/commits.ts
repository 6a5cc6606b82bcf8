import { eq, sql } from 'drizzle-orm';
import { attaching } from './attached.ts';
import { attachedNames } from './attached-names.ts';
import { audits, movedEnd } from './audit.ts';
import { claimLocks, claims } from './claims.ts';
import type { Commit, CommitOutcome } from './commit.ts';
import { domainGuards } from './domain-guards.ts';
import type { RawRow, Statement } from './driver.ts';
import { feedRows } from './feed-rows.ts';
import { headGuards } from './head-guards.ts';
import { sealing } from './keys.ts';
import { type FleetPort, portClaims } from './port-claims.ts';
import { $, FLEETS_LOCK, type Kit, locks, parameters, prepare, tenantLock, turnLock } from './query.ts';
import { Turns } from './turns.ts';
import { unregistering } from './unregistering.ts';
import { versions } from './versions.ts';
import { brokenGuard, violation } from './violation.ts';
import { wanting } from './wanted-names.ts';

/** Writes revisions. */
export interface Commits {
  write(commit: Commit): Promise<CommitOutcome>;
  /**
   * Waits for the tenant's turn. Processes get it in the order of their requests. Commits without the turn wait until
   * it is released. If the process that has the turn ends, the turn ends too. Absent on databases where processes
   * cannot wait for each other.
   *
   * @returns a function that releases the turn
   */
  turn?(tenant: string): Promise<() => void>;
  /** Returns the hosts of the list that the tenant cannot claim now, because claims of another tenant overlap them. */
  takenHosts(tenant: string, hosts: readonly string[]): Promise<string[]>;
  /** Returns the hosts of the list that the tenant claims now. */
  heldHosts(tenant: string, hosts: readonly string[]): Promise<string[]>;
  /** Returns the ports of the list that another tenant claims now. */
  takenPorts(tenant: string, ports: readonly FleetPort[]): Promise<FleetPort[]>;
  /** Returns every port of a fleet that any tenant claims now. */
  claimedPorts(fleet: string): Promise<ReadonlySet<string>>;
  /** Returns the tenant whose gateways on a shared fleet admit the host; undefined when none do. */
  hostHolder(host: string): Promise<string | undefined>;
}

function statements(kit: Kit) {
  const { db, t } = kit;
  const tenant = eq(t.tenant.name, $('tenant'));

  return {
    revision: prepare(
      db
        .insert(t.revision)
        .values(
          parameters(
            'tenant',
            'number',
            'parent',
            'author',
            'message',
            'createdAt',
            'contentHash',
            'changes',
            'restores',
            'namesParents',
          ),
        ),
    ),
    advance: prepare(
      db
        .update(t.tenant)
        .set({ revision: sql`${$('number')}`, head: sql`${$('head')}`, ...movedEnd(kit) })
        .where(tenant),
    ),
  };
}

/**
 * Creates the interface that writes revisions, with one batch per revision. The guards are the first statements of a
 * batch, so a lost race writes nothing and costs little.
 */
export function commits(kit: Kit): Commits {
  const q = statements(kit);
  const hosts = claims(kit);
  const ports = portClaims(kit);
  const onDomains = domainGuards(kit);
  const attach = attaching(kit);
  const hold = locks(kit);
  const inTurn = kit.x.lock === undefined ? alone : ordered();
  const audit = audits(kit);
  const changed = versions(kit);
  const sealed = sealing(kit);
  const onBasis = headGuards(kit);
  const feed = feedRows(kit);
  const unregister = unregistering(kit);
  const want = wanting(kit);
  const names = attachedNames(kit);

  function batch(commit: Commit): Statement[] {
    const { tenant, revision, head, fleetGeneration } = commit;
    const { number, parent, author, message, createdAt, contentHash } = revision;
    const row = { tenant, number, parent, author, message, createdAt, contentHash };
    const { tenantCreatedAt = null, plan = null } = commit;
    const { upstreams, statements: registrations } = unregister(commit);
    const claimed = [...commit.claims.add, ...(commit.attached?.add.map(({ host }) => host) ?? [])];
    const { alone = [], shared = [] } = kit.x.lock === undefined ? {} : claimLocks(claimed);
    const { guards, changes } = attach(commit);
    const entry = audit.ofTenant(tenant, commit.audit);
    const owners = commit.attached?.owners.map(({ owner }) => tenantLock(owner)) ?? [];
    return [
      ...hold({
        alone: [tenantLock(tenant), ...alone],
        shared: [...(commit.inTurn ? [] : [turnLock(tenant)]), FLEETS_LOCK, ...shared, ...owners],
      }),
      ...onBasis({ tenant, revision: parent, head: head.parent, tenantCreatedAt, plan, fleetGeneration }),
      ...guards,
      ...onDomains(commit),
      q.revision.with({
        ...{ ...row, changes: JSON.stringify(revision.changes), restores: revision.restores ?? null },
        namesParents: commit.namesParents ? 1 : 0,
      }),
      q.advance.with({ tenant, number, head: head.id, content: entry.content }),
      ...changed(commit),
      ...sealed(commit),
      ...hosts.statements(commit),
      ...ports.statements(commit),
      ...changes,
      ...registrations,
      ...want({ tenant, createdAt, ...(commit.automatic && { automatic: commit.automatic }) }),
      ...(commit.movesAttachedNames ? [names.ofOwner(tenant, createdAt)] : []),
      ...entry.statements,
      ...feed.statements(commit.feeds, { tenant, number, createdAt, upstreams }),
    ];
  }

  async function conflict(error: unknown, commit: Commit): Promise<CommitOutcome> {
    const found = violation(error);
    const broken = brokenGuard(found);
    if (broken === 'fleets') return { ok: false, conflict: 'fleets' };
    if (broken === 'head' || found?.table === 'revision') return { ok: false, conflict: 'revision' };
    if (found?.table === 'port_claim') {
      const taken = await ports.taken(commit.tenant, commit.ports.add);
      return taken.length > 0 ? { ok: false, conflict: 'port', ports: taken } : { ok: false, conflict: 'revision' };
    }
    if (broken !== 'host') throw error;
    const taken = await hosts.taken(commit.tenant, commit.claims.add);
    // If the other tenant has released the host meanwhile, the caller retries, as after every lost race.
    return taken.length > 0 ? { ok: false, conflict: 'host', hosts: taken } : { ok: false, conflict: 'revision' };
  }

  return {
    write: (commit) =>
      inTurn(commit, async () => {
        let results: RawRow[][];
        try {
          results = await kit.driver.batch(batch(commit));
        } catch (error) {
          return conflict(error, commit);
        }
        return { ok: true, seqs: feed.seqs(commit.feeds, results) };
      }),

    takenHosts: hosts.taken,
    heldHosts: hosts.held,
    takenPorts: ports.taken,
    claimedPorts: ports.ofFleet,
    hostHolder: hosts.holder,

    ...(kit.driver.hold && { turn: (tenant: string) => kit.driver.hold!(turnLock(tenant)) }),
  };
}

type InTurn = (commit: Commit, work: () => Promise<CommitOutcome>) => Promise<CommitOutcome>;

/** Runs the batch at once. The database runs one batch at a time, so the order is kept. */
const alone: InTurn = (_, work) => work();

/**
 * Keeps the order of one tenant's batches on databases that run batches in parallel. Each batch may build on the
 * previous one. Batches that would wait for each other's lock in the database wait here instead, without a connection.
 */
function ordered(): InTurn {
  const turns = new Turns();
  // The last head of each tenant that the database did not write. A batch that builds on this head is not sent.
  const refused = new Map<string, string>();
  return async ({ tenant, head }, work) => {
    const outcome = await turns.run(tenant, async (): Promise<CommitOutcome> => {
      const made = refused.get(tenant) === head.parent ? ({ ok: false, conflict: 'revision' } as const) : await work();
      if (made.ok) refused.delete(tenant);
      else refused.set(tenant, head.id);
      return made;
    });
    if (!turns.has(tenant)) refused.delete(tenant);
    return outcome;
  };
}
