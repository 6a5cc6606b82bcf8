import type { Kind, SpecOf } from '../../model/kinds/index.ts';
import { allItems } from '../every-item.ts';
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
  const resources = await allItems(
    (page) => store.configuration.list(tenant, kind, { ...page, revision }),
    ({ name }) => name,
    RESOURCES_A_PAGE,
  );
  return resources.map(({ name, spec }) => [name, spec as SpecOf<K>] as const);
}
