import { and, asc, eq, gt, inArray, isNotNull, or, sql } from 'drizzle-orm';
import type { AutomaticName } from '../../model/automatic-certificates.ts';
import { type AcmeAccounts, acmeAccounts } from './acme-accounts.ts';
import { attachedNames } from './attached-names.ts';
import { type Audit, audits } from './audit.ts';
import type { Statement } from './driver.ts';
import { type DueNames, dueNames } from './due-names.ts';
import { feedRows, type NewFeedRow } from './feed-rows.ts';
import { headGuards, type OtherHead, otherHeadGuards } from './head-guards.ts';
import { type SealedKey, sealing } from './keys.ts';
import { $, all, FLEETS_LOCK, first, guard, type Kit, locks, type Page, prepare, tenantLock } from './query.ts';
import { brokenGuard, violation } from './violation.ts';

/** The row of one name. Times are milliseconds since 1970. */
export interface NameRow {
  tenant: string;
  name: string;
  certificate: string;
  challenge: string;
  wanted: number;
  step: string;
  reason: string;
  failures: number;
  dueAt: number;
  queue: string;
  version: number;
  orderUrl: string | null;
  orderedAt: number | null;
  attached: number;
  method: string | null;
  challengeUrl: string | null;
  token: string | null;
  answer: string | null;
  announced: string | null;
  nextKey: string | null;
  chain: string | null;
  key: string | null;
  notBefore: number | null;
  notAfter: number | null;
  renewAt: number | null;
  issuedAt: number | null;
}

/** The members of a row that a step may change. */
export type NameChange = Partial<
  Omit<NameRow, 'tenant' | 'name' | 'certificate' | 'challenge' | 'attached' | 'queue' | 'version'>
>;

/** What agents get about a name. */
export type IssuedRow = Pick<
  NameRow,
  'tenant' | 'name' | 'certificate' | 'chain' | 'key' | 'method' | 'token' | 'answer'
>;

/** A change of a name that agents get, too. */
export interface Announcement {
  /** Guard: the head of the tenant has this number and id, and the tenant has this creation time. */
  head: { revision: number; id: string; tenantCreatedAt: number };
  /** Guard: the heads of the other tenants from which `fleets` was computed. */
  others: readonly OtherHead[];
  /** Guard: the generation of the fleets from which `fleets` was computed. */
  fleetGeneration: number;
  fleets: string[];
  at: number;
}

/** The names for which certificates are obtained, and the account with which they are. */
export interface AutomaticNames extends AcmeAccounts, DueNames {
  /**
   * Changes a name, unless its row changed since it was read.
   *
   * @param more keys to store, and the audit entry; with an announcement, the batch also writes feed rows
   * @returns the numbers of the feed rows; undefined when nothing was written, because another change was first
   */
  change(
    row: NameRow,
    change: NameChange,
    more?: { keys?: readonly SealedKey[]; audit?: Audit; announce?: Announcement },
  ): Promise<{ fleet: string; seq: number }[] | undefined>;
  /**
   * Brings the names up to date that other tenants attach to shared gateways of a tenant, unless the row changed since
   * it was read.
   *
   * @param row the row {@link ATTACHED_NAMES} of the tenant
   */
  attach(row: NameRow, names: readonly AutomaticName[], now: number): Promise<void>;
  /** Deletes a name that no configuration wants, with its key. */
  remove(row: NameRow): Promise<void>;
  find(tenant: string, name: string): Promise<NameRow | undefined>;
  /** Lists the wanted names of a certificate, sorted. */
  list(of: { tenant: string; certificate: string }, page: Page): Promise<NameRow[]>;
  /** Returns what agents get about these names of a tenant. */
  ofNames(tenant: string, names: readonly string[]): Promise<IssuedRow[]>;
  /** Returns what agents get about all names of these certificates of a tenant. */
  ofCertificates(tenant: string, certificates: readonly string[]): Promise<IssuedRow[]>;
  /** Returns the ids of the private keys of a tenant's names. */
  keyIds(tenant: string): Promise<string[]>;
}

const CHANGED = [
  ...(['wanted', 'step', 'reason', 'failures', 'dueAt', 'orderUrl', 'orderedAt', 'challengeUrl', 'token'] as const),
  ...([
    'method',
    'answer',
    'announced',
    'nextKey',
    'chain',
    'key',
    'notBefore',
    'notAfter',
    'renewAt',
    'issuedAt',
  ] as const),
];

function statements(kit: Kit) {
  const { db, t, x } = kit;
  const a = t.automaticName;
  const one = and(eq(a.tenant, $('tenant')), eq(a.name, $('name')));
  const same = and(one, eq(a.version, $('version')));
  const listed = (name: string) => sql`(select ${sql.raw('item')} from ${x.items($(name))})`;
  const issued = {
    tenant: a.tenant,
    name: a.name,
    certificate: a.certificate,
    chain: a.chain,
    key: a.key,
    method: a.method,
    token: a.token,
    answer: a.answer,
  };
  const isWanted = and(eq(a.tenant, $('tenant')), eq(a.wanted, 1));
  return {
    isSame: guard(kit, 'version', sql`exists (select 1 from ${a} where ${same})`),
    change: prepare(
      db
        .update(a)
        .set({
          ...Object.fromEntries(CHANGED.map((column) => [column, sql`${$(column)}`])),
          version: sql`${a.version} + 1`,
        })
        .where(same),
    ),
    remove: prepare(db.delete(a).where(and(same, eq(a.wanted, 0)))),
    dropKeys: prepare(
      db.delete(t.sealedKey).where(and(eq(t.sealedKey.tenant, $('tenant')), inArray(t.sealedKey.id, listed('keys')))),
    ),
    find: prepare(db.select().from(a).where(one)),
    list: prepare(
      db
        .select()
        .from(a)
        .where(and(isWanted, eq(a.certificate, $('certificate')), gt(a.name, $('after'))))
        .orderBy(asc(a.name))
        .limit($('limit')),
    ),
    ofNames: prepare(
      db
        .select(issued)
        .from(a)
        .where(and(isWanted, inArray(a.name, listed('names'))))
        .orderBy(asc(a.name)),
    ),
    ofCertificates: prepare(
      db
        .select(issued)
        .from(a)
        .where(
          and(isWanted, inArray(a.certificate, listed('certificates')), or(isNotNull(a.chain), isNotNull(a.answer))),
        )
        .orderBy(asc(a.name)),
    ),
    keyIds: prepare(
      db
        .select({ key: a.key, nextKey: a.nextKey })
        .from(a)
        .where(eq(a.tenant, $('tenant'))),
    ),
  };
}

export function automaticNames(kit: Kit): AutomaticNames {
  const q = statements(kit);
  const { driver } = kit;
  const hold = locks(kit);
  const onBasis = headGuards(kit);
  const onHeads = otherHeadGuards(kit);
  const audit = audits(kit);
  const feed = feedRows(kit);
  const seal = sealing(kit);
  const names = attachedNames(kit);
  /** Writes nothing when a guard fails. */
  const ifSame = async (batch: Statement[]) => {
    try {
      await driver.batch(batch);
    } catch (error) {
      if (brokenGuard(violation(error)) === undefined) throw error;
    }
  };
  return {
    async change(row, change, { keys = [], audit: by, announce } = {}) {
      const { tenant, name, version } = row;
      const next = { ...row, ...change };
      const rows: NewFeedRow[] = (announce?.fleets ?? []).map((fleet) => ({
        fleet,
        base: announce!.head.revision,
        leaves: false,
      }));
      const unused = [row.key, row.nextKey].filter((key) => key !== null && key !== next.key && key !== next.nextKey);
      try {
        const results = await driver.batch([
          ...hold({
            alone: [tenantLock(tenant)],
            shared: announce ? [FLEETS_LOCK, ...announce.others.map(({ owner }) => tenantLock(owner))] : [],
          }),
          ...(announce ? [...onBasis(basisOf(tenant, announce)), ...onHeads(announce.others)] : []),
          q.isSame.with({ tenant, name, version }),
          ...seal({ tenant, keys }),
          q.change.with({ tenant, name, version, ...pick(next) }),
          ...(unused.length > 0 ? [q.dropKeys.with({ tenant, keys: JSON.stringify(unused) })] : []),
          ...(by ? audit(by) : []),
          ...(announce
            ? feed.statements(rows, {
                tenant,
                number: announce.head.revision,
                createdAt: announce.at,
                upstreams: [],
                issued: [name],
              })
            : []),
        ]);
        return announce ? feed.seqs(rows, results) : [];
      } catch (error) {
        if (brokenGuard(violation(error)) !== undefined) return undefined;
        throw error;
      }
    },

    async attach(row, wanted, now) {
      const { tenant, name, version } = row;
      const next = pick({ ...row, ...names.upToDate });
      await ifSame([
        ...hold({ alone: [tenantLock(tenant)] }),
        q.isSame.with({ tenant, name, version }),
        ...names.write(tenant, wanted, now),
        q.change.with({ tenant, name, version, ...next }),
      ]);
    },

    async remove({ tenant, name, version, key, nextKey }) {
      const keys = [key, nextKey].filter((each) => each !== null);
      await ifSame([
        ...hold({ alone: [tenantLock(tenant)] }),
        q.isSame.with({ tenant, name, version }),
        q.remove.with({ tenant, name, version }),
        q.dropKeys.with({ tenant, keys: JSON.stringify(keys) }),
      ]);
    },

    find: (tenant, name) => first(kit, q.find, { tenant, name }),
    list: (of, { limit, after = '' }) => all(kit, q.list, { ...of, limit, after }),
    ofNames: (tenant, names) => all(kit, q.ofNames, { tenant, names: JSON.stringify(names) }),
    ofCertificates: (tenant, certificates) =>
      all(kit, q.ofCertificates, { tenant, certificates: JSON.stringify(certificates) }),
    keyIds: async (tenant) =>
      (await all(kit, q.keyIds, { tenant })).flatMap(({ key, nextKey }) => [key ?? [], nextKey ?? []].flat()),
    ...acmeAccounts(kit),
    ...dueNames(kit),
  };
}

const basisOf = (tenant: string, { head, fleetGeneration }: Announcement) => ({
  tenant,
  revision: head.revision,
  head: head.id,
  tenantCreatedAt: head.tenantCreatedAt,
  plan: null,
  fleetGeneration,
});

const pick = (row: NameRow) => Object.fromEntries(CHANGED.map((column) => [column, row[column]]));
