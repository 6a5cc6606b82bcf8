import type { Kind, SpecOf } from '../../model/kinds/index.ts';
import { Pace } from '../pace.ts';
import type { Store } from '../store/store.ts';

/**
 * The number of resources that one query reads. The number is small, because one resource may be as large as the body
 * of a request.
 */
const RESOURCES_A_PAGE = 50;

/**
 * Reads all resources of one kind of a tenant at a revision, in pages.
 *
 * @returns pairs of the name and the spec, sorted by name
 */
export async function specsOf<K extends Kind>(store: Store, tenant: string, kind: K, revision: number) {
  const found: (readonly [name: string, spec: SpecOf<K>])[] = [];
  const pace = new Pace();
  for (;;) {
    if (pace.isDue) await pace.rest();
    const after = found.at(-1)?.[0];
    const page = await store.configuration.list(tenant, kind, {
      limit: RESOURCES_A_PAGE,
      revision,
      ...(after !== undefined && { after }),
    });
    found.push(...page.map(({ name, spec }) => [name, spec as SpecOf<K>] as const));
    if (page.length < RESOURCES_A_PAGE) return found;
  }
}
