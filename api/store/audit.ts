import { eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { type KeptReply, replies } from './idempotency.ts';
import { $, $text, type Kit, parameters, prepare } from './query.ts';

/** What an action changed: a field of an object, or of a resource of a configuration. */
export interface AuditDifference {
  /** The resource, such as `routes/web`. Absent when the target of the entry is the object that changed. */
  resource?: string;
  /** JSON pointer to the field. Empty when the whole resource was added or removed. */
  path: string;
  operation: 'add' | 'remove' | 'replace';
  /** The values. Absent in configurations, whose revisions contain them, and for secrets. */
  before?: unknown;
  after?: unknown;
}

export interface AuditDiff {
  changes: AuditDifference[];
  /** Present when there are changes beyond those in `changes`. */
  isPartial?: true;
}

/** An entry of the audit log, as a writer describes it. */
export interface Audit {
  /** Who acts: `person:<id>`, `token:<id>`, `agent:<id>` or `job:<name>`. */
  actor: string;
  action: string;
  /**
   * The path of the object. It decides the chain that contains the entry: `tenants/<name>/…` the chain of the tenant,
   * which must exist, `people/<id>/…` the chain of the person, and every other path the chain of the platform.
   */
  target: string;
  at: number;
  requestId: string;
  remote: string;
  diff?: AuditDiff;
  /** Puts the entry into the chain of the platform, whatever its target. A batch that removes a tenant needs this. */
  chain?: 'platform';
  /** The reply to store for the request's `Idempotency-Key`. */
  reply?: KeptReply;
}

/** The chain of everything that concerns neither a tenant nor a person. */
const PLATFORM = 'platform';
/** The name of a tenant's chain. A later tenant of the same name has another one. */
export const tenantChain = ({ name, createdAt }: { name: string; createdAt: number }): string =>
  `tenant/${name}/${createdAt}`;
const personChain = (id: string): string => `person/${id}`;

/** Returns the content of an entry, as text. It is one half of what the hash of the entry covers. */
export const contentOf = (
  entry: Pick<Audit, 'actor' | 'action' | 'target' | 'at' | 'requestId' | 'remote'> & { diff: string | null },
): string =>
  JSON.stringify([entry.actor, entry.action, entry.target, entry.at, entry.requestId, entry.remote, entry.diff]);

/** Returns the text whose SHA-256 is the hash of an entry. `chained` in this file is the same in SQL. */
export const hashed = (previous: string, number: number, content: string): string => `${previous}:${number}:${content}`;

/** The columns that contain the end of a chain: in the row of a tenant, or in a row of `audit_end`. */
const endsOf = ({ t }: Kit) => ({
  tenant: { number: t.tenant.auditNumber, previous: t.tenant.auditPrevious, hash: t.tenant.auditHash },
  other: { number: t.auditEnd.number, previous: t.auditEnd.previous, hash: t.auditEnd.hash },
});

/** The hash of the next entry, whose content is the parameter `content`. */
const chained = ({ x }: Kit, { number, hash }: { number: SQLWrapper; hash: SQLWrapper }): SQL<string> =>
  x.sha256(sql`${hash} || ':' || cast(${number} + 1 as text) || ':' || ${$text('content')}`);

/**
 * The assignments by which a statement that updates the row of a tenant also moves the end of the tenant's chain. The
 * statement has a parameter `content`. It is followed by the statements of `AuditWriter.ofTenant`.
 */
export function movedEnd(kit: Kit): { auditNumber: SQL; auditPrevious: SQL; auditHash: SQL } {
  const { tenant } = endsOf(kit);
  return {
    auditNumber: sql`${tenant.number} + 1`,
    auditPrevious: sql`${tenant.hash}`,
    auditHash: chained(kit, tenant),
  };
}

/** Makes statements that add entries to the audit log. */
export interface AuditWriter {
  /**
   * Makes the statements that every change adds to its own batch. They move the end of the chain, add the entry to the
   * chain, and store the reply of a request with an idempotency key.
   */
  (audit: Audit): Statement[];
  /**
   * The same, for a batch that itself moves the end of this tenant's chain.
   *
   * @returns the parameter `content` of `movedEnd`, and the statements that follow it
   */
  ofTenant(tenant: string, audit: Audit): { content: string; statements: Statement[] };
}

function statements(kit: Kit) {
  const { db, t } = kit;
  const { tenant, other } = endsOf(kit);
  const named = eq(t.tenant.name, $('tenant'));
  const ofTenant = (value: unknown) => sql`(select ${value} from ${t.tenant} where ${named})`;
  const ofOther = (value: unknown) =>
    sql`(select ${value} from ${t.auditEnd} where ${t.auditEnd.chain} = ${$('chain')})`;
  const content = parameters('actor', 'action', 'target', 'at', 'requestId', 'remote', 'diff');
  const end = (of: (value: unknown) => SQL, { number, previous, hash }: typeof tenant | typeof other) => ({
    number: of(number),
    previous: of(previous),
    hash: of(hash),
  });
  const first = { number: sql`0`, hash: sql`''` };
  return {
    moveTenant: prepare(db.update(t.tenant).set(movedEnd(kit)).where(named)),
    moveOther: prepare(
      db
        .insert(t.auditEnd)
        .values({ chain: $('chain'), number: 1, previous: '', hash: chained(kit, first) })
        .onConflictDoUpdate({
          target: t.auditEnd.chain,
          set: {
            number: sql`${other.number} + 1`,
            previous: sql`${other.hash}`,
            hash: chained(kit, other),
          },
        }),
    ),
    // If there is no such tenant, the values are null, and the batch fails.
    addToTenant: prepare(
      db.insert(t.audit).values({
        ...content,
        chain: ofTenant(sql`'tenant/' || ${t.tenant.name} || '/' || cast(${t.tenant.createdAt} as text)`),
        ...end(ofTenant, tenant),
      }),
    ),
    addToOther: prepare(db.insert(t.audit).values({ ...content, chain: $('chain'), ...end(ofOther, other) })),
  };
}

export function audits(kit: Kit): AuditWriter {
  const q = statements(kit);
  const keep = replies(kit);

  /** Encodes an entry: its row, its content, and the statement that stores the reply. */
  function encoded({ actor, action, target, at, requestId, remote, diff, reply }: Audit) {
    const row = {
      actor,
      action,
      target,
      at,
      requestId,
      remote,
      diff: diff === undefined ? null : JSON.stringify(diff),
    };
    return { row, content: contentOf(row), kept: reply ? [keep(reply)] : [] };
  }

  function ofTenant(tenant: string, audit: Audit) {
    const { row, content, kept } = encoded(audit);
    return { content, statements: [q.addToTenant.with({ tenant, ...row }), ...kept] };
  }

  function write(audit: Audit): Statement[] {
    const [, kind, name = ''] = (audit.chain === undefined && /^(tenants|people)\/([^/]+)/.exec(audit.target)) || [];
    if (kind === 'tenants') {
      const { content, statements } = ofTenant(name, audit);
      return [q.moveTenant.with({ tenant: name, content }), ...statements];
    }
    const chain = kind === 'people' ? personChain(name) : PLATFORM;
    const { row, content, kept } = encoded(audit);
    return [q.moveOther.with({ chain, content }), q.addToOther.with({ chain, ...row }), ...kept];
  }
  return Object.assign(write, { ofTenant });
}
