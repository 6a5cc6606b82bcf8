import { type InformedKind, isKind, kinds, pluralOf } from '../../model/kinds/index.ts';
import { isObject } from '../../model/values/refine.ts';
import { infoOfChain } from '../certificates/inspect.ts';
import { error, type Finding, RESTORE } from './finding.ts';
import { json } from './json.ts';
import type { RevisionRow, TenantCheck, TenantRow, VersionRow } from './tenant-check.ts';

const AGAIN = 'change the resource and change it back: each write stores it again';

/** Whether this version knows the kind of the resource. */
export const isOfAKind = ({ kind }: VersionRow): boolean => isKind(kind);

/**
 * Compares the data that is derived from each spec with the spec: labels, the details of a certificate, and the time of
 * the revision.
 */
export const resources: TenantCheck = {
  tables: ['resourceVersion'],
  isOfHead: false,
  run: ({ tenant, revisions, versions }) => checkResources(tenant, revisions, versions),
};

async function* checkResources(
  { name: tenant }: TenantRow,
  revisions: readonly RevisionRow[],
  versions: readonly VersionRow[],
): AsyncGenerator<Finding> {
  const madeAt = new Map(revisions.map(({ number, createdAt }) => [number, createdAt]));
  for (const row of versions) {
    const from = `as of revision ${row.fromRevision}`;
    const { kind } = row;
    if (!isKind(kind)) {
      yield error(`tenants/${tenant}/${row.kind}/${row.name}`, `${from} it is of a kind that there is not`, RESTORE);
      continue;
    }
    const at = `tenants/${tenant}/${pluralOf(kind)}/${row.name}`;
    const spec = json(row.spec) as ({ labels?: object } & Record<string, unknown>) | null | undefined;
    if (spec === undefined) yield error(at, `${from} its spec is not JSON`, RESTORE);
    else {
      if (row.labels !== JSON.stringify(spec?.labels ?? {}))
        yield error(at, `${from} its labels are not those of its spec: lists by label miss it`, AGAIN);
      if (
        kinds[kind].info &&
        spec !== null &&
        spec.acme === undefined &&
        !(await describes(kind as InformedKind, row.info, spec))
      )
        yield error(at, `${from} the stored details of the ${kind} differ from its content`, AGAIN);
    }
    if ((madeAt.get(row.fromRevision) ?? row.updatedAt) !== row.updatedAt)
      yield error(at, `${from} it is not dated as its revision is`, AGAIN);
  }
}

/** Computes the details of a resource from its spec again. The promise rejects when the spec cannot be parsed. */
type ReadInfo = (spec: Record<string, unknown>, kept: Record<string, unknown>) => Promise<object>;

const readers: { [K in InformedKind]: ReadInfo } = {
  certificate: ({ certificateChain = '' }, { keyType }) => infoOfChain(String(certificateChain), String(keyType)),
};

async function describes(kind: InformedKind, info: string | null, spec: Record<string, unknown>): Promise<boolean> {
  const kept = json(info ?? '');
  if (!isObject(kept)) return false;
  const read = await readers[kind](spec, kept).catch(() => undefined);
  return (
    read !== undefined &&
    Object.entries(read).every(([member, value]) => JSON.stringify(kept[member]) === JSON.stringify(value))
  );
}

/** Compares the list of changes in each revision with the resource versions that begin or end at this revision. */
export const changes: TenantCheck = {
  tables: ['revision', 'resourceVersion'],
  isOfHead: false,
  run: ({ tenant, revisions, versions }) => checkChanges(tenant, revisions, versions),
};

function* checkChanges(
  { name: tenant, oldest }: TenantRow,
  revisions: readonly RevisionRow[],
  versions: readonly VersionRow[],
): Generator<Finding> {
  const made = Map.groupBy(versions, ({ fromRevision }) => fromRevision);
  for (const { number, changes } of revisions) {
    // The check skips the oldest revision, because versions that the next revision replaced are already pruned.
    if (number <= oldest) continue;
    const own = (made.get(number) ?? []).map(({ kind, name, toRevision }) =>
      changeOf({ verb: toRevision === number ? 'delete' : 'put', kind, name }),
    );
    const listed = json(changes);
    const said = Array.isArray(listed) ? (listed as ChangeRow[]).map(changeOf) : [changes];
    if (said.toSorted().join('\n') !== own.toSorted().join('\n'))
      yield error(
        `tenants/${tenant}/revisions/${number}`,
        'the changes that it lists differ from the changes that it made',
        RESTORE,
      );
  }
}

interface ChangeRow {
  verb: string;
  kind: string;
  name: string;
}
const changeOf = ({ verb, kind, name }: ChangeRow): string => `${verb} ${kind}/${name}`;
