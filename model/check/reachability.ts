import type { Route } from '../kinds/route.ts';
import { conditionPath, writtenAt } from '../matching/delegation.ts';
import { hasCatchAll, type RankedRule, splitAtCatchAll } from '../matching/precedence.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** Warns about rules after a rule of the same route that matches everything that they match. They serve nothing. */
export const reachability: Check = function* (configuration, { warnings }, names) {
  for (const [name, route] of configuration.entries('route', names.route)) {
    yield;
    if (route.tls ?? route.tcp ?? route.udp)
      for (const [path, message] of unreachableConnections(route))
        warnings.push({ resource: resourceName('route', name), path, code: 'unreachable-rule', message });
    if (!hasCatchAll(route)) continue;
    const { before, catchAll, unreachable } = splitAtCatchAll(configuration, name, route);
    if (!catchAll) continue;
    const pathOf = (ranked: RankedRule) => conditionPath(writtenAt(ranked));
    // A condition that delegates is reported once, and only when no condition of the other route serves a request.
    const paths = new Set(unreachable.map(pathOf));
    for (const each of [...before, catchAll]) if (each.via) paths.delete(pathOf(each));
    for (const path of paths) {
      warnings.push({
        resource: resourceName('route', name),
        path,
        code: 'unreachable-rule',
        message: `never runs: /http/${writtenAt(catchAll).rule} before it matches every request`,
      });
    }
  }
};

/** Lists the conditions on connections and datagrams that never decide: a pointer to each, and the reason. */
function* unreachableConnections({ tls = [], tcp, udp }: Route): Generator<[path: string, message: string]> {
  const taken = new Taken();
  for (const [rule, { match }] of tls.entries())
    for (const [index, { sniHosts, port }] of match.entries())
      for (const [at, name] of sniHosts.entries()) {
        const by = taken.by(name, port, `/tls/${rule}`);
        if (by !== undefined)
          yield [`/tls/${rule}/match/${index}/sniHosts/${at}`, `never decides: ${by} before it names ${name} too`];
      }
  for (const [section, rules = []] of Object.entries({ tcp, udp })) {
    const every = new Taken();
    for (const [rule, { match }] of rules.entries())
      for (const [index, { port, source }] of (match ?? [EVERY]).entries()) {
        const at = `/${section}/${rule}`;
        const by = source === undefined ? every.by('', port, at) : every.find('', port);
        if (by !== undefined)
          yield [match ? `${at}/match/${index}` : at, `never runs: ${by} before it matches all that it matches`];
      }
  }
}

const EVERY: { port?: number; source?: readonly string[] } = {};

/** The rules that serve a name on a port, or on all ports. */
class Taken {
  readonly #rules = new Map<string, string>();

  find(name: string, port: number | undefined): string | undefined {
    return this.#rules.get(name) ?? (port === undefined ? undefined : this.#rules.get(`${name}:${port}`));
  }

  /** Returns the earlier rule that serves the name on the port. Without one, notes that `rule` does. */
  by(name: string, port: number | undefined, rule: string): string | undefined {
    const found = this.find(name, port);
    if (found === undefined) this.#rules.set(port === undefined ? name : `${name}:${port}`, rule);
    return found === rule ? undefined : found;
  }
}
