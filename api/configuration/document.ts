import { kindIds, pluralOf } from '../../model/kinds/index.ts';
import type { Context } from '../context.ts';
import { Pace } from '../pace.ts';
import { absent } from '../problem.ts';
import { requireKept } from '../publishing/heads/kept.ts';
import { Json } from '../reply.ts';

/** The number of resources that one query reads. Other requests run between two queries. */
const PAGE = 100;

/**
 * Reads the whole configuration of a tenant, at the head or at a revision, without private keys. The document is
 * sorted by kind and name, and also contains the kinds without resources. A tenant without revisions has the empty
 * configuration, as revision 0. A configuration may be very large, so the
 * function reads and encodes it in pages.
 *
 * @returns the document as JSON, and its revision
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function document(
  ctx: Context,
  { tenant, revision }: { tenant: string; revision?: number | undefined },
): Promise<{ revision: number; document: Json }> {
  const { store } = ctx;
  const found = await store.tenants.find(tenant);
  if (!found) throw absent(`tenant ${tenant}`);
  const number = revision ?? found.revision;
  const pace = new Pace();
  const kinds: string[] = [];
  for (const kind of kindIds) {
    const members: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await store.configuration.list(tenant, kind, {
        revision: number,
        limit: PAGE,
        ...(after !== undefined && { after }),
      });
      for (const { name, spec } of page) members.push(`"${name}":${JSON.stringify(spec)}`);
      if (page.length < PAGE) break;
      after = page.at(-1)!.name;
      if (pace.isDue) await pace.rest();
    }
    kinds.push(`"${pluralOf(kind)}":{${members.join()}}`);
  }
  // This check comes after the read, because the revision may have been pruned during the read.
  await requireKept(store, tenant, number);
  return { revision: number, document: new Json(`{${kinds.join()}}`) };
}
