import { isKind, isSelectedKind, type SpecOf } from '../../model/kinds/index.ts';
import type { Sha256 } from '../access/authenticate.ts';
import type { Sealer } from '../secrets/seal.ts';
import { fleetsOf } from '../serving/serving.ts';
import type { Name } from '../store/dialect.ts';
import type { Driver } from '../store/driver.ts';
import type { Fleet } from '../store/fleets.ts';
import { all, first, type Kit, kit as kitOf } from '../store/query.ts';
import { checkClaims, checkOverlaps } from './claims.ts';
import { json } from './columns.ts';
import { FeedExamination } from './feeds.ts';
import { error, type Finding, RESTORE } from './finding.ts';
import { readFleets } from './fleets.ts';
import { checkHistory, type TenantRow } from './history.ts';
import { checkKeys } from './keys.ts';
import { checkChanges, checkResources, isOfAKind, type StoredRevision, type StoredVersion } from './resources.ts';
import { examined, ORPHANS_IN } from './rows.ts';
import { checkToken } from './tokens.ts';

const TENANTS_A_PAGE = 100;
const ROWS_A_PAGE = 1000;

export interface Examined {
  tenants: number;
  revisions: number;
}

/** Facts about the tenants that the later checks need. */
interface Tenants {
  fleets: readonly Fleet[];
  /** Head of each tenant, and the fleets that serve it. */
  known: Map<string, { head: number; served: ReadonlySet<string> }>;
}

/**
 * Everything that a store should not have, as it is found: damaged files, revisions whose content is not what was
 * published, columns that do not follow from what they are derived from, claims that overlap or that no gateway makes,
 * keys that are missing or damaged, tokens that allow nothing, gaps in the feed, what belongs to nobody. Reads only, a
 * page at a time.
 *
 * @param seen told after each page of tenants
 * @param sealer opens private keys; without it they are only looked for
 */
export async function* examine(
  dialect: Name,
  driver: Driver,
  digest: Sha256,
  seen: (so_far: Examined) => void = () => {},
  sealer?: Sealer,
): AsyncGenerator<Finding> {
  const kit = kitOf(dialect, driver);
  const q = examined(kit);
  if (dialect === 'sqlite') {
    const words = (await driver.all('pragma quick_check', [])).map(([word]) => String(word));
    if (words[0] !== 'ok') yield error('the file', `it is damaged: ${words[0]}`, RESTORE);
  }
  const tenants: Tenants = { fleets: yield* readFleets(await all(kit, q.fleets, {})), known: new Map() };
  yield* examineTenants(kit, tenants, { digest, seen, sealer });
  const claims = pages(
    (after) => all(kit, q.claimsInOrder, { after, limit: ROWS_A_PAGE }),
    ({ reversed }) => reversed,
    '',
  );
  yield* checkOverlaps(claims);
  yield* examineFeeds(kit, tenants);
  const tokens = pages(
    (after) => all(kit, q.tokens, { after, limit: ROWS_A_PAGE }),
    ({ id }) => id,
    '',
  );
  for await (const token of tokens) yield* checkToken(token);
  for (const [i, query] of q.orphans.entries())
    for (const { name } of await all(kit, query, {}))
      yield error(
        `${ORPHANS_IN[i]}/${name}`,
        `it belongs to the tenant '${name}', which is not there`,
        'delete the rows',
      );
}

interface Tools {
  digest: Sha256;
  seen: (so_far: Examined) => void;
  sealer: Sealer | undefined;
}

interface Tenant extends TenantRow {
  createdAt: number;
}

/** How often a tenant under write is read again to find a moment without writes. */
const PASSES = 3;

/** Checks each tenant: its history, derived columns, claims and keys. */
async function* examineTenants(kit: Kit, { fleets, known }: Tenants, { digest, seen, sealer }: Tools) {
  const counted: Examined = { tenants: 0, revisions: 0 };
  for (let after = ''; ; ) {
    const tenants = await all(kit, examined(kit).tenants, { after, limit: TENANTS_A_PAGE });
    const last = tenants.at(-1);
    if (!last) return;
    let due: Tenant[] = tenants;
    for (let pass = 1; due.length > 0; pass++) {
      const read = await readPage(kit, after, last.name);
      const again: Tenant[] = [];
      for (const tenant of due) {
        const now = read.tenants.get(tenant.name);
        // Deleted or pruned during the read.
        if (now?.createdAt !== tenant.createdAt || (now.oldest !== tenant.oldest && pass === PASSES)) continue;
        const isQuiet = now.revision === tenant.revision && now.oldest === tenant.oldest;
        if (!isQuiet && pass < PASSES) {
          again.push(now);
          continue;
        }
        const own = asOf(tenant.revision, read.versions.get(tenant.name) ?? []);
        const isMadeSince = ({ number }: StoredRevision) => number > tenant.revision && number <= now.revision;
        const made = (read.revisions.get(tenant.name) ?? []).filter((revision) => !isMadeSince(revision));
        const gateways = headGateways(own);
        yield* checkHistory(tenant, made, own.filter(isOfAKind), digest);
        yield* checkChanges(tenant, made, own);
        yield* checkResources(tenant, made, own);
        // Claims exist for the head only.
        if (isQuiet) yield* checkClaims(tenant.name, fleets, gateways, read.claims.get(tenant.name) ?? []);
        if (isQuiet) yield* checkKeys(tenant.name, own, read.keys.get(tenant.name) ?? [], sealer);
        const served = new Set(fleetsOf(fleets, tenant.name, gateways).map(({ name }) => name));
        known.set(tenant.name, { head: tenant.revision, served });
        counted.tenants++;
        counted.revisions += made.length;
      }
      due = again;
    }
    seen(counted);
    after = last.name;
  }
}

/**
 * Reads everything stored about a page of tenants, and then the tenants again: a tenant whose revision did not change
 * was read consistently.
 */
async function readPage(kit: Kit, after: string, until: string) {
  const q = examined(kit);
  const page = { after, until };
  const [revisions, versions, claims, keys] = await Promise.all([
    all(kit, q.revisions, page).then(byTenant),
    all(kit, q.versions, page).then(byTenant),
    all(kit, q.claims, page).then(byTenant),
    all(kit, q.keys, page).then(byTenant),
  ]);
  const tenants = await all(kit, q.tenants, { after, limit: 2 * TENANTS_A_PAGE });
  return { revisions, versions, claims, keys, tenants: new Map(tenants.map((tenant) => [tenant.name, tenant])) };
}

/** The versions as they were at a revision: later ones may have been written while they were read. */
const asOf = (revision: number, versions: readonly StoredVersion[]): StoredVersion[] =>
  versions
    .filter(({ fromRevision }) => fromRevision <= revision)
    .map((row) => (row.toRevision !== null && row.toRevision > revision ? { ...row, toRevision: null } : row));

/** Rows with a valid shape; other checks report damaged rows. */
function headGateways(versions: readonly StoredVersion[]): SpecOf<'gateway'>[] {
  return versions.flatMap(({ kind, toRevision, spec }) => {
    if (!isKind(kind) || !isSelectedKind(kind) || toRevision !== null) return [];
    const gateway = json(spec) as SpecOf<'gateway'> | undefined;
    return Array.isArray(gateway?.servers) ? [gateway] : [];
  });
}

async function* examineFeeds(kit: Kit, { fleets, known }: Tenants): AsyncGenerator<Finding> {
  const q = examined(kit);
  for (const { name: fleet } of fleets) {
    const before = await first(kit, q.ends, { fleet });
    if (!before) continue;
    const examination = new FeedExamination(fleet, before.floor);
    const rows = pages(
      (after) => all(kit, q.feed, { fleet, after, limit: ROWS_A_PAGE }),
      ({ seq }) => seq,
      before.floor,
    );
    for await (const row of rows) examination.row(row);
    const after = await first(kit, q.ends, { fleet });
    const headOf = (tenant: string) => {
      const found = known.get(tenant);
      return found?.served.has(fleet) ? found.head : undefined;
    };
    if (after) yield* examination.conclude({ floor: after.floor, told: before.seq, end: after.seq }, headOf);
  }
  for (const { fleet, tenant, revision } of await all(kit, q.early, {}))
    yield error(
      `fleets/${fleet}`,
      `its feed has revision ${revision} of '${tenant}', which is not there yet`,
      'stop the API and run `npx gatehouse store advance`',
    );
}

/** Reads every row in pages, in the order of a text or number key. */
async function* pages<R>(
  read: (after: string | number) => Promise<R[]>,
  keyOf: (row: R) => string | number,
  before: string | number,
): AsyncGenerator<R> {
  for (let after = before; ; ) {
    const rows = await read(after);
    yield* rows;
    if (rows.length < ROWS_A_PAGE) return;
    after = keyOf(rows.at(-1)!);
  }
}

const byTenant = <R extends { tenant: string }>(rows: R[]): Map<string, R[]> =>
  Map.groupBy(rows, ({ tenant }) => tenant);
