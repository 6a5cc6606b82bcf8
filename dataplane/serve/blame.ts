import type { Configuration } from '../../model/configuration.ts';
import { type Kind, kindIds, pluralOf } from '../../model/kinds.ts';
import { TYPES, type TypeUrl } from '../xds/resource.ts';

/** Shorter values occur in any message by chance. */
const TELLING = 3;

export interface Fault {
  /** `routes/reviews` */
  resource: string;
  /** JSON pointer inside its spec; empty = the whole. */
  path: string;
}

const SUSPECTS: Partial<Record<TypeUrl, Kind>> = {
  [TYPES.routes]: 'route',
  [TYPES.cluster]: 'upstream',
  [TYPES.endpoints]: 'upstream',
  [TYPES.secret]: 'certificate',
};

/**
 * Finds what of a tenant's configuration Envoy complains of: Envoy quotes the value it cannot take, and says no pointer,
 * so the longest text of the configuration that its message contains is the likeliest.
 */
export function blame(configuration: Configuration, message: string, type: TypeUrl, name: string): Fault {
  const suspect = SUSPECTS[type];
  const kinds = suspect ? [suspect] : kindIds;
  let best: Fault & { length: number } = { ...fallback(configuration, type, name), length: TELLING - 1 };
  for (const kind of kinds) {
    for (const [resource, spec] of configuration.entries(kind)) {
      for (const [path, text] of texts(spec, '')) {
        if (text.length > best.length && message.includes(text))
          best = { resource: `${pluralOf(kind)}/${resource}`, path, length: text.length };
      }
    }
  }
  return { resource: best.resource, path: best.path };
}

function fallback(configuration: Configuration, type: TypeUrl, name: string): Fault {
  if (type === TYPES.cluster || type === TYPES.endpoints)
    return { resource: `upstreams/${name.split('/')[1]}`, path: '' };
  const kind = SUSPECTS[type] ?? 'gateway';
  const names = configuration.names(kind);
  return { resource: names.length === 1 ? `${pluralOf(kind)}/${names[0]}` : pluralOf(kind), path: '' };
}

function* texts(value: unknown, path: string): Generator<[path: string, text: string]> {
  if (typeof value === 'string') yield [path, value];
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value))
      yield* texts(member, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}
