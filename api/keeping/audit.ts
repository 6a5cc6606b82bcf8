import { and, asc, eq, gt, ne, or, type SQLWrapper, sql } from 'drizzle-orm';
import { contentOf, hashed } from '../store/audit.ts';
import { $, all, first, type Kit, prepare } from '../store/query.ts';
import { type Check, type Examination, ROWS_A_PAGE } from './check.ts';
import { error, type Finding } from './finding.ts';

/** The maximum number of empty chains that are reported. */
const MOST = 100;
const REMEDY = 'compare the log with an export or a backup: it was not Gatehouse that changed it';

/** The part of a chain that was examined: its last entry. */
interface Place {
  chain: string;
  number: number;
  hash: string;
}

/** Checks that the audit log is complete and unchanged. Each entry contains the hash of the one before it. */
export const audit: Check = {
  tables: ['audit', 'auditEnd'],
  async *run(examination) {
    const q = statements(examination.kit);
    let last: Place | undefined;
    for (;;) {
      const entries = await after(examination.kit, q, last);
      for (const entry of entries) {
        if (last && last.chain !== entry.chain) yield* examineEnd(examination, q, last);
        if (last?.chain === entry.chain) yield* examineLink(last, entry);
        else yield* examineStart(examination, q, entry);
        yield* examineHash(examination, entry);
        last = entry;
      }
      if (entries.length < ROWS_A_PAGE) break;
    }
    if (last) yield* examineEnd(examination, q, last);
    for (const { chain } of [
      ...(await all(examination.kit, q.emptyTenants, { limit: MOST })),
      ...(await all(examination.kit, q.emptyOthers, { limit: MOST })),
    ])
      yield error(`audit/${chain}`, 'all its entries are missing', REMEDY);
  },
};

type Statements = ReturnType<typeof statements>;
type Entry = Awaited<ReturnType<typeof after>>[number];

function statements({ db, t }: Kit) {
  const { audit: a, auditEnd, tenant } = t;
  const chainOf = sql<string>`'tenant/' || ${tenant.name} || '/' || cast(${tenant.createdAt} as text)`;
  const { auditOldest, auditNumber, auditHash } = tenant;
  const ofTenant = { chain: chainOf.as('chain'), oldest: auditOldest, number: auditNumber, hash: auditHash };
  const isEmpty = (chain: SQLWrapper, oldest: SQLWrapper, number: SQLWrapper) =>
    sql`${oldest} <= ${number} and not exists (select 1 from ${a} where ${a.chain} = ${chain})`;
  const isLater = or(gt(a.chain, $('chain')), and(eq(a.chain, $('chain')), gt(a.number, $('number'))));
  const rows = () => db.select().from(a);
  return {
    entries: prepare(
      rows()
        .where(and(ne(a.chain, sql`''`), isLater))
        .orderBy(asc(a.chain), asc(a.number))
        .limit($('limit')),
    ),
    ofChain: prepare(
      rows()
        .where(and(eq(a.chain, $('chain')), gt(a.number, $('number'))))
        .orderBy(asc(a.number))
        .limit($('limit')),
    ),
    tenantEnd: prepare(
      db
        .select(ofTenant)
        .from(tenant)
        .where(eq(tenant.name, $('name'))),
    ),
    otherEnd: prepare(
      db
        .select()
        .from(auditEnd)
        .where(eq(auditEnd.chain, $('chain'))),
    ),
    emptyTenants: prepare(
      db
        .select({ chain: ofTenant.chain })
        .from(tenant)
        .where(isEmpty(chainOf, auditOldest, auditNumber))
        .limit($('limit')),
    ),
    emptyOthers: prepare(
      db
        .select({ chain: auditEnd.chain })
        .from(auditEnd)
        .where(isEmpty(auditEnd.chain, auditEnd.oldest, auditEnd.number))
        .limit($('limit')),
    ),
  };
}

const after = (
  kit: Kit,
  q: Statements,
  { chain, number }: Pick<Place, 'chain' | 'number'> = { chain: '', number: 0 },
) => all(kit, q.entries, { chain, number, limit: ROWS_A_PAGE });

/** Reads the end of a chain. A removed tenant has none; a later tenant of its name has another chain. */
async function endOf(kit: Kit, q: Statements, chain: string) {
  const [, name] = /^tenant\/([^/]+)\//.exec(chain) ?? [];
  if (name === undefined) return first(kit, q.otherEnd, { chain });
  const end = await first(kit, q.tenantEnd, { name });
  return end?.chain === chain ? end : undefined;
}

const at = ({ chain, number }: Pick<Place, 'chain' | 'number'>) => `audit/${chain}/${number}`;

/** Checks that no entry is missing before the first one, except those whose retention period is over. */
async function* examineStart({ kit }: Examination, q: Statements, entry: Entry): AsyncGenerator<Finding> {
  const end = await endOf(kit, q, entry.chain);
  if (end && entry.number > end.oldest)
    yield error(at(entry), `the entries ${end.oldest} to ${entry.number - 1} are missing`, REMEDY);
  if (entry.number === 1 && entry.previous !== '')
    yield error(at(entry), 'it is the first entry, and has the hash of an entry before it', REMEDY);
}

function* examineLink(last: Place, entry: Entry): Generator<Finding> {
  const count = entry.number - last.number - 1;
  if (count > 0) yield error(at(entry), `${count} entries before it are missing`, REMEDY);
  else if (entry.previous !== last.hash)
    yield error(at(entry), 'its hash of the entry before it is not the hash of that entry', REMEDY);
}

async function* examineHash({ digest }: Examination, entry: Entry): AsyncGenerator<Finding> {
  const { previous, number } = entry;
  if ((await digest(hashed(previous, number, contentOf(entry)))) !== entry.hash)
    yield error(at(entry), 'its content does not have its hash: it was changed', REMEDY);
}

/** Checks that no entry is missing after the last one. The API may add entries during the examination. */
async function* examineEnd(examination: Examination, q: Statements, examined: Place): AsyncGenerator<Finding> {
  const { kit } = examination;
  let last = examined;
  for (;;) {
    const end = await endOf(kit, q, last.chain);
    if (!end && !last.chain.startsWith('tenant/'))
      return yield error(at(last), 'the end of its chain is missing', REMEDY);
    if (!end) return;
    if (end.number <= last.number) {
      if (end.number < last.number || end.hash !== last.hash)
        yield error(at(last), 'it is not the entry with which its chain ends', REMEDY);
      return;
    }
    const entries = await all(kit, q.ofChain, { ...last, limit: ROWS_A_PAGE });
    if (entries.length === 0)
      return yield error(at(last), `${end.number - last.number} entries after it are missing`, REMEDY);
    for (const entry of entries) {
      yield* examineLink(last, entry);
      yield* examineHash(examination, entry);
      last = entry;
    }
  }
}
