import type { Kind } from '../../model/kinds/index.ts';
import type { Sha256 } from '../access/authenticate.ts';
import { contentHash, resourceHash } from '../publishing/heads/content-hash.ts';
import { type Finding, error as found, RESTORE } from './finding.ts';
import { isOfAKind } from './resources.ts';
import type { RevisionRow, TenantCheck, TenantRow, VersionRow } from './tenant-check.ts';

type State = Map<string, { row: VersionRow; hash: string }>;

/**
 * Replays a tenant's history from its oldest kept revision, and compares the content of each revision with the hash
 * with which it was published.
 */
export const history: TenantCheck = {
  tables: ['tenant', 'revision', 'resourceVersion'],
  isOfHead: false,
  run: ({ tenant, revisions, versions, digest }) => checkHistory(tenant, revisions, versions.filter(isOfAKind), digest),
};

async function* checkHistory(
  tenant: TenantRow,
  revisions: readonly RevisionRow[],
  versions: readonly VersionRow[],
  digest: Sha256,
): AsyncGenerator<Finding> {
  const at = (number: number) => `tenants/${tenant.name}/revisions/${number}`;
  const listed = new Map(revisions.map((revision) => [revision.number, revision]));
  const begin = Map.groupBy(versions, ({ fromRevision }) => Math.max(fromRevision, tenant.oldest));
  const end = Map.groupBy(versions, ({ toRevision }) => toRevision);
  const state: State = new Map();

  for (let number = tenant.oldest; number <= tenant.revision; number++) {
    for (const row of end.get(number) ?? []) if (state.get(keyOf(row))?.row === row) state.delete(keyOf(row));
    for (const row of begin.get(number) ?? []) {
      if (row.toRevision !== null && row.toRevision <= number) continue;
      if (state.has(keyOf(row))) yield error(at(number), `it has two versions of ${keyOf(row)}`);
      state.set(keyOf(row), { row, hash: await resourceHash(row.kind as Kind, row.name, row.spec, digest) });
    }
    const revision = listed.get(number);
    if (!revision) {
      yield error(at(number), 'it is not there, though a later one is');
      continue;
    }
    if (revision.parent !== number - 1) yield error(at(number), `its parent is ${revision.parent}, not ${number - 1}`);
    const content = await contentHash((kind) => hashesOf(state, kind), digest);
    if (content !== revision.contentHash)
      yield {
        ...error(at(number), 'its content is not what was published: the hash differs'),
        remedy: REHASH,
        rehash: { tenant: tenant.name, revision: number, published: revision.contentHash, content },
      };
  }
  for (const { number } of revisions)
    if (number > tenant.revision) yield error(at(number), `it is later than the tenant's head, ${tenant.revision}`);
}

const keyOf = ({ kind, name }: VersionRow): string => `${kind}/${name}`;

function hashesOf(state: State, kind: Kind): string[] {
  const ofKind = [...state.values()].filter(({ row }) => row.kind === kind);
  return ofKind.sort((a, b) => (a.row.name < b.row.name ? -1 : 1)).map(({ hash }) => hash);
}

const error = (at: string, problem: string): Finding => found(at, problem, RESTORE);
const REHASH = `${RESTORE}; where an earlier version wrote a wrong hash for two concurrent writers of one tenant, run \`npx gatehouse doctor --repair\``;
