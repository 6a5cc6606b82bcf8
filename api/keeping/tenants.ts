import { and, asc, eq, gt, lte, not, sql } from 'drizzle-orm';
import { servesMesh } from '../../model/binding/mesh.ts';
import { Configuration, type Resource } from '../../model/configuration.ts';
import { isKind, isSelectedKind, type SpecOf } from '../../model/kinds/index.ts';
import { MESH } from '../../model/values/reference.ts';
import { fleetsOf } from '../serving/serving.ts';
import { $, all, type Kit, prepare } from '../store/query.ts';
import type { Check, Examination, Examined } from './check.ts';
import { claims } from './claims.ts';
import type { Finding } from './finding.ts';
import { history } from './history.ts';
import { json } from './json.ts';
import { keys } from './keys.ts';
import { others } from './others.ts';
import { ports } from './ports.ts';
import { changes, resources } from './resources.ts';
import type { RevisionRow, TenantCheck, TenantRow, VersionRow } from './tenant-check.ts';

const CHECKS: readonly TenantCheck[] = [history, changes, resources, claims, ports, others, keys];

/** Checks each tenant: its history, derived columns, claims and keys. */
export const tenants: Check = {
  tables: CHECKS.flatMap(({ tables }) => tables),
  async *run(examination) {
    const { kit, seen } = examination;
    const q = statements(kit);
    const counted: Examined = { tenants: 0, revisions: 0 };
    for (let after = ''; ; ) {
      const page = await all(kit, q.tenants, { after, limit: TENANTS_A_PAGE });
      if (page.length === 0) return;
      yield* examinePage(examination, q, { after, page, counted });
      seen(counted);
      after = page.at(-1)!.name;
    }
  },
};

const TENANTS_A_PAGE = 100;
/** The number of times that a tenant is read again if its configuration is written during the read. */
const PASSES = 3;

async function* examinePage(
  examination: Examination,
  q: Statements,
  { after, page, counted }: { after: string; page: TenantRow[]; counted: Examined },
): AsyncGenerator<Finding> {
  let due = page;
  for (let pass = 1; due.length > 0; pass++) {
    const rows = await readPage(examination.kit, q, after, page.at(-1)!.name);
    const again: TenantRow[] = [];
    for (const tenant of due) {
      const now = rows.tenants.get(tenant.name);
      // The tenant was deleted, or its revisions were pruned during every read.
      if (now?.createdAt !== tenant.createdAt || (now.oldest !== tenant.oldest && pass === PASSES)) continue;
      const isQuiet = now.revision === tenant.revision && now.oldest === tenant.oldest;
      if (isQuiet || pass === PASSES) yield* examineTenant(examination, { tenant, now, rows, counted });
      else again.push(now);
    }
    due = again;
  }
}

/**
 * Checks one tenant.
 *
 * @param now the row of the tenant, read after its other rows
 */
async function* examineTenant(
  { kit, fleets, known, digest, sealer }: Examination,
  { tenant, now, rows, counted }: { tenant: TenantRow; now: TenantRow; rows: Rows; counted: Examined },
): AsyncGenerator<Finding> {
  const isQuiet = now.revision === tenant.revision && now.oldest === tenant.oldest;
  const versions = asOf(tenant.revision, rows.versions.get(tenant.name) ?? []);
  const isMadeSince = ({ number }: RevisionRow) => number > tenant.revision && number <= now.revision;
  const revisions = (rows.revisions.get(tenant.name) ?? []).filter((revision) => !isMadeSince(revision));
  const gateways = headGateways(versions);
  const held = {
    claims: rows.claims.get(tenant.name) ?? [],
    ports: rows.ports.get(tenant.name) ?? [],
    keys: rows.keys.get(tenant.name) ?? [],
    attached: rows.attached.get(tenant.name) ?? [],
    owners: rows.owners.get(tenant.name) ?? [],
    parents: rows.parents.get(tenant.name) ?? [],
    routes: headRoutes(versions),
  };
  for (const { isOfHead, run } of CHECKS)
    if (isQuiet || !isOfHead)
      yield* run({ tenant, fleets, revisions, versions, gateways, ...held, kit, digest, sealer });
  const served = new Set(fleetsOf(fleets, tenant.name, gateways).map(({ name }) => name));
  if (hasMeshRoute(versions)) for (const fleet of fleets) if (servesMesh(fleet, tenant.name)) served.add(fleet.name);
  known.set(tenant.name, { head: tenant.revision, served });
  counted.tenants++;
  counted.revisions += revisions.length;
}

type Statements = ReturnType<typeof statements>;

/** The rows that are read for a page of tenants. */
function statements({ db, t }: Kit) {
  const {
    tenant,
    revision: r,
    resourceVersion: v,
    hostClaim,
    portClaim,
    sealedKey,
    attachedHost,
    automaticName: a,
  } = t;
  const isAutomatic = sql`exists (select 1 from ${a} where ${a.tenant} = ${sealedKey.tenant} and ${sealedKey.id} in (${a.key}, ${a.nextKey}))`;
  const { gatewayOwner, parentTenant } = t;
  return {
    tenants: prepare(
      db
        .select({
          name: tenant.name,
          revision: tenant.revision,
          oldest: tenant.oldest,
          createdAt: tenant.createdAt,
        })
        .from(tenant)
        .where(gt(tenant.name, $('after')))
        .orderBy(asc(tenant.name))
        .limit($('limit')),
    ),
    revisions: prepare(
      db
        .select({
          tenant: r.tenant,
          number: r.number,
          parent: r.parent,
          contentHash: r.contentHash,
          createdAt: r.createdAt,
          changes: r.changes,
        })
        .from(r)
        .innerJoin(tenant, eq(tenant.name, r.tenant))
        .where(and(gt(r.tenant, $('after')), lte(r.tenant, $('until')), sql`${r.number} >= ${tenant.oldest}`))
        .orderBy(asc(r.tenant), asc(r.number)),
    ),
    versions: prepare(
      db
        .select({
          tenant: v.tenant,
          kind: v.kind,
          name: v.name,
          fromRevision: v.fromRevision,
          toRevision: v.toRevision,
          spec: v.spec,
          info: v.info,
          labels: v.labels,
          updatedAt: v.updatedAt,
        })
        .from(v)
        .where(and(gt(v.tenant, $('after')), lte(v.tenant, $('until'))))
        .orderBy(asc(v.tenant), asc(v.fromRevision)),
    ),
    claims: prepare(
      db
        .select({ tenant: hostClaim.tenant, host: hostClaim.host, reversed: hostClaim.reversed })
        .from(hostClaim)
        .where(and(gt(hostClaim.tenant, $('after')), lte(hostClaim.tenant, $('until')))),
    ),
    ports: prepare(
      db
        .select({ tenant: portClaim.tenant, fleet: portClaim.fleet, port: portClaim.port })
        .from(portClaim)
        .where(and(gt(portClaim.tenant, $('after')), lte(portClaim.tenant, $('until')))),
    ),
    keys: prepare(
      db
        .select({ tenant: sealedKey.tenant, id: sealedKey.id, keyId: sealedKey.keyId, sealed: sealedKey.sealed })
        .from(sealedKey)
        // The keys of automatic certificates belong to no resource.
        .where(and(gt(sealedKey.tenant, $('after')), lte(sealedKey.tenant, $('until')), not(isAutomatic))),
    ),
    attached: prepare(
      db
        .select({
          tenant: attachedHost.tenant,
          owner: attachedHost.owner,
          host: attachedHost.host,
          reversed: attachedHost.reversed,
        })
        .from(attachedHost)
        .where(and(gt(attachedHost.tenant, $('after')), lte(attachedHost.tenant, $('until')))),
    ),
    owners: prepare(
      db
        .select({ tenant: gatewayOwner.tenant, owner: gatewayOwner.owner })
        .from(gatewayOwner)
        .where(and(gt(gatewayOwner.tenant, $('after')), lte(gatewayOwner.tenant, $('until')))),
    ),
    parents: prepare(
      db
        .select({ tenant: parentTenant.tenant, parent: parentTenant.parent })
        .from(parentTenant)
        .where(and(gt(parentTenant.tenant, $('after')), lte(parentTenant.tenant, $('until')))),
    ),
  };
}

type Rows = Awaited<ReturnType<typeof readPage>>;

/**
 * Reads all rows of a page of tenants, and then the rows of the tenants again. The data of a tenant is consistent if
 * its revision did not change in between.
 */
async function readPage(kit: Kit, q: Statements, after: string, until: string) {
  const page = { after, until };
  const [revisions, versions, claims, ports, keys, attached, owners, parents] = await Promise.all([
    all(kit, q.revisions, page).then(byTenant),
    all(kit, q.versions, page).then(byTenant),
    all(kit, q.claims, page).then(byTenant),
    all(kit, q.ports, page).then(byTenant),
    all(kit, q.keys, page).then(byTenant),
    all(kit, q.attached, page).then(byTenant),
    all(kit, q.owners, page).then(byTenant),
    all(kit, q.parents, page).then(byTenant),
  ]);
  const tenants = await all(kit, q.tenants, { after, limit: 2 * TENANTS_A_PAGE });
  const held = { claims, ports, keys, attached, owners, parents };
  return { revisions, versions, ...held, tenants: new Map(tenants.map((tenant) => [tenant.name, tenant])) };
}

/** Returns the versions as they were at a revision. Later versions may have been written during the read. */
const asOf = (revision: number, versions: readonly VersionRow[]): VersionRow[] =>
  versions
    .filter(({ fromRevision }) => fromRevision <= revision)
    .map((row) => (row.toRevision !== null && row.toRevision > revision ? { ...row, toRevision: null } : row));

/** Parses the gateways of the head. It skips damaged rows, which another check reports. */
function headGateways(versions: readonly VersionRow[]): SpecOf<'gateway'>[] {
  return versions.flatMap(({ kind, toRevision, spec }) => {
    if (!isKind(kind) || !isSelectedKind(kind) || toRevision !== null) return [];
    const gateway = json(spec) as SpecOf<'gateway'> | undefined;
    return Array.isArray(gateway?.servers) ? [gateway] : [];
  });
}

/** Whether a route of the head is bound to the mesh. It skips damaged rows, which another check reports. */
const hasMeshRoute = (versions: readonly VersionRow[]): boolean =>
  versions.some(({ kind, toRevision, spec }) => {
    if (kind !== 'route' || toRevision !== null) return false;
    const gateways = (json(spec) as SpecOf<'route'> | undefined)?.gateways;
    return Array.isArray(gateways) && gateways.includes(MESH);
  });

/** Parses the routes of the head. It skips damaged rows, which another check reports. */
function headRoutes(versions: readonly VersionRow[]): Configuration {
  const puts = versions.flatMap(({ kind, name, toRevision, spec }): Resource[] => {
    if (kind !== 'route' || toRevision !== null) return [];
    const route = json(spec) as SpecOf<'route'> | undefined;
    return route && typeof route === 'object' ? [{ kind, name, spec: route }] : [];
  });
  return Configuration.of(puts);
}

const byTenant = <R extends { tenant: string }>(rows: R[]): Map<string, R[]> =>
  Map.groupBy(rows, ({ tenant }) => tenant);
