import { type Kind, kindIds } from '../../../model/kinds/index.ts';
import { resourceName } from '../../../model/violations.ts';
import type { Sha256 } from '../../access/authenticate.ts';

/**
 * Of one resource. A schema puts fields in its own order and sorts maps: equal specs are equal JSON.
 *
 * @param json its spec, as it is kept
 */
export const resourceHash = (kind: Kind, name: string, json: string, digest: Sha256): string | Promise<string> =>
  digest(`${resourceName(kind, name)}\n${json}`);

/**
 * Of a whole configuration. Does not depend on the order of anything.
 *
 * @param hashes each resource's own, of a kind sorted by name
 */
export const contentHash = (hashes: (kind: Kind) => string[], digest: Sha256): string | Promise<string> =>
  digest(kindIds.flatMap(hashes).join('\n'));
