import { sql } from 'drizzle-orm';
import { claimLocks, claims } from './claims.ts';
import type { Commit } from './commit.ts';
import { domainGuards } from './domain-guards.ts';
import type { Statement } from './driver.ts';
import { parts } from './parts.ts';
import { type PortMove, portClaims } from './port-claims.ts';
import { $, FLEETS_LOCK, guard, type Kit, locks } from './query.ts';

/** The state with which a change of a fleet was judged, and the host claims that the change makes and releases. */
export interface FleetJudgement {
  /** Guard: the generation of the fleets with which the change was judged. */
  generation: number;
  /**
   * The changes of claims of hosts and ports, for each tenant that the change could affect. The lists may be empty.
   * Guards: the tenant still has the revision with which the change was judged, and `domains`, as in a commit.
   */
  claims: ({ tenant: string; revision: number; add: string[]; remove: string[]; ports?: PortMove } & Pick<
    Commit,
    'domains'
  >)[];
}

/** Makes the statements of a batch that changes a fleet as it was judged. */
export function fleetJudgements(kit: Kit) {
  const { t, x } = kit;
  const hold = locks(kit);
  const hosts = claims(kit);
  const ports = portClaims(kit);
  const onDomains = domainGuards(kit);
  const q = {
    generation: guard(
      kit,
      'fleets',
      sql`coalesce((select ${t.fleetCounter.generation} from ${t.fleetCounter}), 0) = ${$('generation')}`,
    ),
    heads: guard(
      kit,
      'head',
      sql`not exists (select 1 from ${x.records($('records'), ['tenant', 'revision'])}
        where coalesce((select ${t.tenant.revision} from ${t.tenant} where ${t.tenant.name} = records.tenant), -1) <> cast(records.revision as bigint))`,
    ),
  };

  /**
   * Makes the first statements of a batch: its locks, and the guards for the state with which the change was judged.
   */
  function guards(judged: FleetJudgement | undefined): Statement[] {
    const moved = judged?.claims ?? [];
    const { alone = [], shared = [] } = claimLocks(moved.flatMap(({ add }) => add));
    return [
      ...hold({ alone: [FLEETS_LOCK, ...alone], shared }),
      ...(judged ? [q.generation.with({ generation: judged.generation })] : []),
      ...parts(moved.map(({ tenant, revision }) => ({ tenant, revision }))).map((records) => q.heads.with({ records })),
      ...moved.flatMap(onDomains),
    ];
  }

  /**
   * Makes the statements that change claims. All releases come first, because one tenant may claim a host that another
   * tenant releases.
   */
  function moves(judged: FleetJudgement | undefined): Statement[] {
    const moved = judged?.claims ?? [];
    return [
      ...moved.flatMap(({ tenant, remove }) => hosts.statements({ tenant, claims: { add: [], remove } })),
      ...moved.flatMap(({ tenant, add }) => hosts.statements({ tenant, claims: { add, remove: [] } })),
      ...moved.flatMap((each) => (each.ports ? ports.statements({ ...each, ports: { ...each.ports, add: [] } }) : [])),
      ...moved.flatMap((each) =>
        each.ports ? ports.statements({ ...each, ports: { ...each.ports, remove: [] } }) : [],
      ),
    ];
  }

  return { guards, moves };
}
