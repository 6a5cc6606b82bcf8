import { and, eq, sql } from 'drizzle-orm';
import type { Kind } from '../../model/kinds/index.ts';
import { Pace } from '../pace.ts';
import { $, all, type Kit, prepare } from './query.ts';

/** A resource as it is stored: its spec and info are JSON. The store does not parse resources that it only copies. */
export interface KeptResource {
  kind: string;
  name: string;
  spec: string;
  info: string | null;
  revision: number;
  updatedAt: number;
}

/** A version of a resource, without the content if that is large. A version never changes, but may be pruned. */
export interface Outline extends Omit<KeptResource, 'kind' | 'spec'> {
  kind: Kind;
  /** The size of the content in bytes. */
  size: number;
  /** The spec as JSON; null if the content is large. */
  spec: string | null;
}

/** The size up to which a query for outlines returns the content too, in bytes. */
const SMALL = 4_096;
/** The size of the contents that one query reads, in bytes. A larger resource is read alone. */
const PIECE = 262_144;

/** Computes the size of a version's content in bytes. The databases know the size of a long text without reading it. */
export const contentSize = ({ t: { resourceVersion: v } }: Kit) =>
  sql<number>`octet_length(${v.spec}) + coalesce(octet_length(${v.info}), 0)`;

/** The columns of outlines. */
export function outlineColumns(kit: Kit) {
  const v = kit.t.resourceVersion;
  const size = contentSize(kit);
  const ifSmall = (column: typeof v.spec | typeof v.info) =>
    sql<string | null>`case when ${size} <= ${sql.raw(String(SMALL))} then ${column} end`;
  return {
    kind: v.kind,
    name: v.name,
    revision: v.fromRevision,
    updatedAt: v.updatedAt,
    size,
    spec: ifSmall(v.spec),
    info: ifSmall(v.info),
  };
}

/**
 * Reads the contents of versions, in the same order. A tenant chooses how large they are, so the function reads and
 * returns them in pieces, and other requests run in between. It leaves out versions that were pruned meanwhile.
 */
export function contents(kit: Kit): (tenant: string, outlines: readonly Outline[]) => AsyncGenerator<KeptResource[]> {
  const v = kit.t.resourceVersion;
  const records = kit.x.records($('versions'), ['kind', 'name', 'revision']);
  const named = sql`(${v.fromRevision}, ${v.kind}, ${v.name}) in (select cast(records.revision as bigint), records.kind, records.name from ${records})`;
  const large = prepare(
    kit.db
      .select({ kind: v.kind, name: v.name, spec: v.spec, info: v.info })
      .from(v)
      .where(and(eq(v.tenant, $('tenant')), named)),
  );

  async function read(tenant: string, piece: readonly Outline[]): Promise<KeptResource[]> {
    const missing = piece.filter(({ spec }) => spec === null);
    const versions = JSON.stringify(missing.map(({ kind, name, revision }) => ({ kind, name, revision })));
    const rows = missing.length > 0 ? await all(kit, large, { tenant, versions }) : [];
    const found = new Map(rows.map((row) => [`${row.kind}/${row.name}`, row]));
    return piece.flatMap(({ size: _, ...outline }) => {
      const content = outline.spec === null ? found.get(`${outline.kind}/${outline.name}`) : undefined;
      const { spec, info } = content ?? outline;
      return spec === null ? [] : [{ ...outline, spec, info }];
    });
  }

  return async function* (tenant, outlines) {
    const pace = new Pace();
    for (let from = 0; from < outlines.length; ) {
      let to = from;
      for (let size = 0; to < outlines.length && size < PIECE; to++) size += outlines[to]!.size;
      yield await read(tenant, outlines.slice(from, to));
      from = to;
      if (pace.isDue) await pace.rest();
    }
  };
}
