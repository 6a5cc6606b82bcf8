import type { Configuration } from '../../../model/configuration.ts';
import { kindIds, pluralOf } from '../../../model/kinds/index.ts';
import { quotedIn } from '../quoted.ts';
import type { Parts } from '../type.ts';

export interface Fault {
  /** The resource, such as `routes/reviews`. */
  resource: string;
  /** A JSON pointer inside the resource's spec; empty for the whole spec. */
  path: string;
}

/**
 * Finds the field of a tenant's configuration to which an error message of Envoy refers. Envoy quotes the value that it
 * rejects, but gives no pointer. So this function searches for the longest text of the configuration that the message
 * contains. Other resources of the tenant may contain the same text, so it searches only the parts from which the
 * rejected resource was built.
 *
 * @param parts the parts in the rejected resource; undefined to search the whole configuration
 */
export function findFault(configuration: Configuration, message: string, parts: Parts | undefined): Fault {
  let best: Fault & { length: number } = { ...fallback(parts), length: 0 };
  for (const kind of parts ? [parts.kind] : kindIds) {
    for (const name of parts?.names ?? configuration.names(kind)) {
      const { path, text } = quotedIn(message, configuration.get(kind, name));
      if (text.length > best.length) best = { resource: `${pluralOf(kind)}/${name}`, path, length: text.length };
    }
  }
  return { resource: best.resource, path: best.path };
}

function fallback({ kind, names }: Parts = { kind: 'gateway', names: [] }): Fault {
  return { resource: names.length === 1 ? `${pluralOf(kind)}/${names[0]}` : pluralOf(kind), path: '' };
}
