import type { Configuration } from '../../../model/configuration.ts';
import { kindIds, pluralOf } from '../../../model/kinds/index.ts';
import type { Parts } from '../type.ts';

/** The smallest length of a text that is searched in a message. Shorter texts occur in any message by chance. */
const SHORTEST = 3;

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
  let best: Fault & { length: number } = { ...fallback(parts), length: SHORTEST - 1 };
  for (const kind of parts ? [parts.kind] : kindIds) {
    for (const name of parts?.names ?? configuration.names(kind)) {
      for (const [path, text] of texts(configuration.get(kind, name), '')) {
        if (text.length > best.length && message.includes(text))
          best = { resource: `${pluralOf(kind)}/${name}`, path, length: text.length };
      }
    }
  }
  return { resource: best.resource, path: best.path };
}

function fallback({ kind, names }: Parts = { kind: 'gateway', names: [] }): Fault {
  return { resource: names.length === 1 ? `${pluralOf(kind)}/${names[0]}` : pluralOf(kind), path: '' };
}

function* texts(value: unknown, path: string): Generator<[path: string, text: string]> {
  if (typeof value === 'string') yield [path, value];
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value))
      yield* texts(member, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}
