import { type Kind, kindIds } from '../../../model/kinds/index.ts';
import { resourceName } from '../../../model/violations.ts';
import type { Sha256 } from '../../access/authenticate.ts';

/**
 * The hash of one resource. A schema sorts maps and orders fields, so equal specs are equal JSON.
 *
 * @param json the stored spec
 */
export const resourceHash = (kind: Kind, name: string, json: string, digest: Sha256): string | Promise<string> =>
  digest(`${resourceName(kind, name)}\n${json}`);

/**
 * The hash of a whole configuration. It does not depend on the order of resources or fields.
 *
 * @param hashes the hashes of the resources of a kind, sorted by name
 */
export const contentHash = (hashes: (kind: Kind) => string[], digest: Sha256): string | Promise<string> =>
  digest(kindIds.flatMap(hashes).join('\n'));
