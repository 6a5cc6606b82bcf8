import type { SpecOf } from '../../model/kinds.ts';
import { FleetDirectory } from '../fleets/directory.ts';
import { claimsOf } from '../fleets/serving.ts';
import type { Sha256 } from '../http/auth.ts';
import type { Name } from '../store/dialect.ts';
import type { Driver } from '../store/driver.ts';
import type { Fleet } from '../store/port.ts';
import { all, first, kit as kitOf } from '../store/query.ts';
import { createStore } from '../store/store.ts';
import { type Finding, RESTORE } from './finding.ts';
import { checkHistory } from './history.ts';
import { examined, ORPHANS_IN } from './rows.ts';

const TENANTS_A_PAGE = 100;
const CLAIMS_A_PAGE = 1000;

export interface Examined {
  tenants: number;
  revisions: number;
}

/**
 * Everything that a store should not have, as it is found: damaged files, revisions whose content is not what was published, claims that overlap or
 * that no gateway makes, keys that are missing, gaps in the feed, what belongs to nobody. Reads only, a page at a time.
 *
 * @param seen told after each page of tenants
 */
export async function* examine(
  dialect: Name,
  driver: Driver,
  digest: Sha256,
  seen: (so_far: Examined) => void = () => {},
): AsyncGenerator<Finding> {
  const kit = kitOf(dialect, driver);
  const q = examined(kit);
  if (dialect === 'sqlite') {
    const words = (await driver.all('pragma quick_check', [])).map(([word]) => String(word));
    if (words[0] !== 'ok') yield error('the file', `it is damaged: ${words[0]}`, RESTORE);
  }

  const { all: fleets } = await new FleetDirectory(createStore(dialect, driver)).current(0);
  const counted: Examined = { tenants: 0, revisions: 0 };
  for (let after = ''; ; ) {
    const tenants = await all(kit, q.tenants, { after, limit: TENANTS_A_PAGE });
    const last = tenants.at(-1);
    if (!last) break;
    const page = { after, until: last.name };
    const [revisions, versions, claims, keys] = await Promise.all([
      all(kit, q.revisions, page).then(byTenant),
      all(kit, q.versions, page).then(byTenant),
      all(kit, q.claims, page).then(byTenant),
      all(kit, q.keys, page).then(byTenant),
    ]);
    for (const tenant of tenants) {
      const own = versions.get(tenant.name) ?? [];
      const made = revisions.get(tenant.name) ?? [];
      yield* checkHistory(tenant, made, own, digest);
      yield* checkClaims(tenant.name, fleets, own, claims.get(tenant.name) ?? []);
      yield* checkKeys(tenant.name, own, keys.get(tenant.name) ?? []);
      counted.tenants++;
      counted.revisions += made.length;
    }
    seen(counted);
    after = last.name;
  }

  for (let after = '', above: Claim[] = []; ; ) {
    const claims = await all(kit, q.claimsInOrder, { after, limit: CLAIMS_A_PAGE });
    for (const claim of claims) {
      above = above.filter(({ reversed }) => claim.reversed.startsWith(reversed.slice(0, -1)));
      const holder = above.find(({ tenant }) => tenant !== claim.tenant);
      if (holder)
        yield error(
          `host_claim/${claim.host}`,
          `'${claim.tenant}' holds it under ${holder.host} of '${holder.tenant}'`,
          'have one of the two give it up',
        );
      if (claim.reversed.endsWith('*')) above.push(claim);
    }
    if (claims.length < CLAIMS_A_PAGE) break;
    after = claims.at(-1)!.reversed;
  }

  for (const { name, seq, floor } of await all(kit, q.fleets, {})) {
    const { rows, last } = (await first(kit, q.told, { fleet: name, floor }))!;
    if (rows !== seq - floor || (last ?? floor) !== seq)
      yield error(
        `fleets/${name}`,
        `its feed has ${rows} rows after ${floor} where ${seq - floor} were told, up to ${seq}`,
        'give the fleet another label and take it away again: its agents then take a snapshot',
      );
  }
  for (const [i, query] of q.orphans.entries())
    for (const { name } of await all(kit, query, {}))
      yield error(
        `${ORPHANS_IN[i]}/${name}`,
        `it belongs to the tenant '${name}', which is not there`,
        'delete the rows',
      );
}

interface Claim {
  tenant: string;
  host: string;
  reversed: string;
}
interface Version {
  kind: string;
  name: string;
  toRevision: number | null;
  spec: string;
  info: string | null;
}

function* checkClaims(tenant: string, fleets: readonly Fleet[], versions: Version[], held: { host: string }[]) {
  const gateways = versions.filter(({ kind, toRevision }) => kind === 'gateway' && toRevision === null);
  const due = claimsOf(
    fleets,
    tenant,
    gateways.map(({ spec }) => JSON.parse(spec) as SpecOf<'gateway'>),
  );
  for (const { host } of held)
    if (!due.delete(host))
      yield warning(`tenants/${tenant}`, `it holds the host ${host}, which none of its gateways names`);
  for (const host of due)
    yield error(
      `tenants/${tenant}`,
      `its gateways name the host ${host}, but it does not hold it`,
      'publish the gateway anew',
    );
}

function* checkKeys(tenant: string, versions: Version[], kept: { id: string }[]) {
  const used = new Map<string, string>();
  for (const { kind, name, info } of versions)
    if (kind === 'certificate' && info !== null)
      used.set((JSON.parse(info) as { publicKeySha256: string }).publicKeySha256, name);
  for (const { id } of kept)
    if (!used.delete(id))
      yield warning(`tenants/${tenant}`, `it keeps the sealed key ${id}, which no certificate uses`);
  for (const name of used.values())
    yield error(
      `tenants/${tenant}/certificates/${name}`,
      'its private key is not there',
      'put the certificate and its key anew',
    );
}

const byTenant = <R extends { tenant: string }>(rows: R[]): Map<string, R[]> =>
  Map.groupBy(rows, ({ tenant }) => tenant);
const error = (at: string, problem: string, remedy: string): Finding => ({ severity: 'error', at, problem, remedy });
const warning = (at: string, problem: string): Finding => ({
  severity: 'warning',
  at,
  problem,
  remedy: 'nothing is served wrong; it goes with the next publish of what it belongs to',
});
