import type { Configuration } from '../../model/configuration.ts';
import { kindIds, pluralOf } from '../../model/kinds/index.ts';
import type { Parts } from './type.ts';

/** Shorter values occur in any message by chance. */
const TELLING = 3;

export interface Fault {
  /** `routes/reviews` */
  resource: string;
  /** JSON pointer inside its spec; empty = the whole. */
  path: string;
}

/**
 * Finds the field of a tenant's configuration that a message of Envoy is about. Envoy quotes the value that it rejects
 * and gives no pointer, so the longest text of the configuration that the message contains is the likeliest. Other
 * resources of the tenant may contain the same text, so only those in the rejected resource are searched.
 *
 * @param parts what is in the rejected resource; undefined = anything may be
 */
export function findFault(configuration: Configuration, message: string, parts: Parts | undefined): Fault {
  let best: Fault & { length: number } = { ...fallback(parts), length: TELLING - 1 };
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
