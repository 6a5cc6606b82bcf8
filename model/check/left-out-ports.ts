import type { Kind } from '../kinds/index.ts';
import { isObject } from '../values/refine.ts';
import { resourceName, type Violation } from '../violations.ts';

/** The fields of a spec that are lists of host patterns. `*` stands for every item of a list. */
const HOSTS: { [K in Kind]?: readonly (readonly string[])[] } = {
  gateway: [
    ['servers', '*', 'hosts'],
    ['servers', '*', 'allowedRoutes', 'hosts'],
  ],
  route: [['hosts'], ['tls', '*', 'match', '*', 'sniHosts']],
};

/**
 * Warns about hosts that were written with a port. The stored host has none, so whoever wrote it may believe that the
 * port is served.
 *
 * @param written the spec as it was written, which the schema of the kind accepts
 */
export function leftOutPorts(kind: Kind, name: string, written: unknown): Violation[] {
  const found: Violation[] = [];
  for (const place of HOSTS[kind] ?? [])
    for (const [hosts, path] of at(written, place, ''))
      for (const [index, host] of (hosts as readonly string[]).entries()) {
        const [, port] = /:(\d+)$/.exec(host) ?? [];
        if (port === undefined) continue;
        found.push({
          resource: resourceName(kind, name),
          path: `${path}/${index}`,
          code: 'port-left-out',
          message: `the port ${port} is left out: a host has no port`,
          hint: 'the ports that clients connect to are those of `servers[].port` of the gateway',
        });
      }
  return found;
}

/** Yields each list at a place of a spec, with the JSON pointer to it. */
function* at(value: unknown, [field, ...rest]: readonly string[], path: string): Generator<[unknown[], string]> {
  if (field === undefined) {
    if (Array.isArray(value)) yield [value, path];
  } else if (field === '*') {
    for (const [index, item] of Array.isArray(value) ? value.entries() : []) yield* at(item, rest, `${path}/${index}`);
  } else if (isObject(value)) yield* at(value[field], rest, `${path}/${field}`);
}
