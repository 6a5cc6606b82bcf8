import type { Audit } from '../../api/store/audit.ts';
import type { Commit, CommitOutcome } from '../../api/store/commit.ts';
import type { Fleet } from '../../api/store/fleets.ts';
import type { Store } from '../../api/store/store.ts';
import type { Tenant } from '../../api/store/tenants.ts';
import type { Kind } from '../../model/kinds/index.ts';

/** A database of one engine, empty when it is opened first. */
export interface Database {
  store: Store;
  /** Closes the store and forgets the database. */
  drop(): Promise<void>;
}

export const at = 1_700_000_000_000;

export const audit: Audit = {
  actor: 'token:1',
  action: 'test',
  target: 'tests/1',
  at,
  requestId: 'r1',
  remote: '::1',
};

/** The id of a head in these tests: one per revision number. */
export const headId = (number: number): string => `head-${number}`;

export const tenant = (name: string, more: Partial<Tenant> = {}): Tenant => ({
  name,
  displayName: name.toUpperCase(),
  labels: {},
  revision: 0,
  head: headId(0),
  createdAt: at,
  version: 1,
  oldest: 1,
  plan: 'default',
  ...more,
});

export const fleet = (name: string, more: Partial<Fleet> = {}): Fleet => ({
  name,
  labels: { ingress: name },
  ports: [{ number: 80, bind: 10080, protocol: 'HTTP' }],
  denyDestinations: ['127.0.0.0/8'],
  createdAt: at,
  version: 1,
  seq: 0,
  ...more,
});

/** A resource as a test writes it: `[kind, name, spec]`. The store keeps any JSON; what it means is the model's business. */
export type Put = [kind: Kind, name: string, spec?: object];

export interface Change extends Partial<Omit<Commit, 'puts' | 'deletes' | 'claims'>> {
  puts?: Put[];
  deletes?: [kind: Kind, name: string][];
  add?: string[];
  remove?: string[];
  /** Fleets that get a feed row. */
  to?: string[];
}

/** A commit of a tenant's revision `number` on its parent. */
export function commit(tenant: string, number: number, change: Change = {}): Commit {
  const { puts = [], deletes = [], add = [], remove = [], to = [], ...more } = change;
  return {
    tenant,
    revision: {
      number,
      parent: number - 1,
      author: 'token/1',
      message: `revision ${number}`,
      createdAt: at + number,
      contentHash: `${number}`.padStart(64, '0'),
      changes: [
        ...puts.map(([kind, name]) => ({ verb: 'put' as const, kind, name })),
        ...deletes.map(([kind, name]) => ({ verb: 'delete' as const, kind, name })),
      ],
    },
    head: { id: headId(number), parent: headId(number - 1) },
    puts: puts.map(([kind, name, spec = {}]) => ({ kind, name, spec })),
    deletes: deletes.map(([kind, name]) => ({ kind, name })),
    keys: [],
    claims: { add, remove },
    ports: { add: [], remove: [] },
    feeds: to.map((name) => ({ fleet: name, base: number - 1, leaves: false })),
    isSameForEachFleet: [...puts, ...deletes].every(([kind]) => kind === 'route' || kind === 'upstream'),
    fleetGeneration: 0,
    audit,
    ...more,
  };
}

/** Commits, and fails the test when it did not go through. */
export async function committed(store: Store, made: Commit): Promise<{ fleet: string; seq: number }[]> {
  const outcome: CommitOutcome = await store.commits.write(made);
  if (!outcome.ok) throw new Error(`expected the commit to succeed: ${JSON.stringify(outcome)}`);
  return outcome.seqs;
}

/** `gateway/a` → spec, of the resources a read answered. */
export const byKey = (resources: { kind: string; name: string; spec: unknown }[]): Record<string, unknown> =>
  Object.fromEntries(resources.map(({ kind, name, spec }) => [`${kind}/${name}`, spec]));

export const names = (rows: { name: string }[]): string[] => rows.map(({ name }) => name);
