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
 * Finds what of a tenant's configuration Envoy complains of: Envoy quotes the value it cannot take, and says no pointer,
 * so the longest text that its message contains is the likeliest. The text alone does not tell: another resource of the
 * tenant may say the same.
 *
 * @param parts what stands in the refused resource; undefined = anything may
 */
export function blame(configuration: Configuration, message: string, parts: Parts | undefined): Fault {
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
