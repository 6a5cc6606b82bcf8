import { kindIds, pluralOf } from '../../model/kinds/index.ts';
import type { Context } from '../context.ts';
import { Pace } from '../pace.ts';
import { absent } from '../problem.ts';
import { requireKept } from '../publishing/heads/kept.ts';
import { Json } from '../reply.ts';

/** Resources per read. Between reads, other requests are answered. */
const PAGE = 100;

/**
 * The whole configuration, now or as of a revision, without private keys: sorted by kind and name, with kinds that have
 * no resources. It is read and written out page by page, since a tenant may have very much.
 *
 * @returns a `Configuration` document as JSON, and the revision that it is of
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
  // Checked after the read: the revision may have been pruned meanwhile.
  await requireKept(store, tenant, number);
  return { revision: number, document: new Json(`{${kinds.join()}}`) };
}
