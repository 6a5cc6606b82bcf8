import { type Kind, kindIds } from '../../../model/kinds/index.ts';
import { resourceName } from '../../../model/violations.ts';
import type { Sha256 } from '../../access/authenticate.ts';

/**
 * Computes the hash of one resource. The schema of its kind sorts maps and orders fields, so equal specs are equal
 * JSON.
 *
 * @param json the spec as it is stored
 */
export const resourceHash = (kind: Kind, name: string, json: string, digest: Sha256): string | Promise<string> =>
  digest(`${resourceName(kind, name)}\n${json}`);

/**
 * Computes the hash of a whole configuration. The hash does not depend on the order of resources or fields.
 *
 * @param hashes returns the hashes of the resources of a kind, sorted by name
 */
export const contentHash = (hashes: (kind: Kind) => string[], digest: Sha256): string | Promise<string> =>
  digest(kindIds.flatMap(hashes).join('\n'));
