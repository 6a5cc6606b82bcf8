import type { Configuration } from '../configuration.ts';
import { type HostPattern, intersect } from '../host.ts';
import { literalText } from '../path-pattern.ts';
import { clipped } from '../quote.ts';
import type { Rule } from '../route.ts';
import { isEveryPath, pathMatch } from '../uri.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** One condition of a rule, on a host whose server keeps escaped slashes. */
interface Guarded {
  route: string;
  at: string;
  hosts: HostPattern[];
  /** Without a trailing slash. The condition covers this path and the paths below it. */
  path: string;
  /** Whether requests below the path match the condition. */
  isOpen: boolean;
  spec: Rule;
  /** The action of a rule: all of it but its name and conditions. */
  treatment: string;
}

/**
 * Where escaped slashes are kept, `/admin%2Fx` is not below `/admin` for rules, but may be for the application. A wider
 * rule then bypasses what a rule for `/admin` requires.
 */
export const guards: Check = function* (configuration, { warnings }, routes) {
  const changed = new Set(routes);
  for (const gateway of configuration.names('gateway')) {
    yield;
    const rules = guarded(configuration, gateway);
    const open = Map.groupBy(
      rules.filter(({ isOpen }) => isOpen),
      ({ path }) => path,
    );
    for (const rule of rules) {
      yield;
      const wider = widerThan(rule, open).find(
        (other) =>
          (changed.has(rule.route) || changed.has(other.route)) &&
          other.treatment !== rule.treatment &&
          isWayAround(other.spec, rule.spec) &&
          rule.hosts.some((a) => other.hosts.some((b) => intersect(a, b) !== undefined)),
      );
      if (!wider) continue;
      warnings.push({
        resource: resourceName('route', rule.route),
        path: `${rule.at}/uri`,
        code: 'escaped-slash-guard',
        message: `escaped slashes are kept: an application that reads ${clipped(rule.path)}%2Fx as ${clipped(rule.path)}/x gets it by ${resourceName('route', wider.route)}${wider.at}, where other things apply`,
        hint: 'apply the same to both rules, or let the server redirect or reject escaped slashes',
      });
    }
  }
};

function guarded(configuration: Configuration, gateway: string): Guarded[] {
  const kept = configuration
    .get('gateway', gateway)!
    .servers.filter(({ escapedSlashes }) => escapedSlashes === 'keep')
    .flatMap(({ hosts }) => hosts);
  if (kept.length === 0) return [];
  return [...configuration.entries('route')].flatMap(([route, { hosts, gateways, http }]) => {
    const common = hosts.filter((host) => kept.some((admitted) => intersect(admitted, host) !== undefined));
    if (!gateways.includes(gateway) || common.length === 0) return [];
    return http.flatMap((spec, rule) => {
      const { name: _, match, ...rest } = spec;
      const treatment = JSON.stringify(rest);
      return (match ?? [{}]).map(({ uri }, index): Guarded => {
        const wanted = pathMatch(uri);
        const path = wanted.kind === 'regex' ? literalText(uri!.regex!).split('\0')[0]! : wanted.path;
        const isOpen = isEveryPath(wanted) || wanted.kind === 'prefix' || wanted.kind === 'segments';
        const at = match ? `/http/${rule}/match/${index}` : `/http/${rule}`;
        return { route, at, hosts: common, path: path.replace(/\/$/, ''), isOpen, spec, treatment };
      });
    });
  });
}

/** Rules for a path above the rule's own, up to its first segment. */
function* above(path: string): Generator<string> {
  for (let slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
    yield path.slice(0, slash);
    if (slash === 0) return;
  }
}

const widerThan = ({ path }: Guarded, open: ReadonlyMap<string, Guarded[]>): Guarded[] =>
  [...above(path)].flatMap((each) => open.get(each) ?? []);

/** Whether the wider rule reaches a destination that the narrower one protects, or reaches it on other terms. */
function isWayAround(wider: Rule, narrower: Rule): boolean {
  if (!wider.route) return false;
  if (!narrower.route) return true;
  const upstreams = new Set(narrower.route.map(({ destination }) => destination.upstream));
  return wider.route.some(({ destination }) => upstreams.has(destination.upstream));
}
