import { getOrAdd } from '../binding/get-or-add.ts';
import { HostIndex } from '../binding/host-index.ts';
import type { Configuration } from '../configuration.ts';
import { conditionPath, conditionsIn } from '../matching/delegation.ts';
import { literalText } from '../matching/path-pattern.ts';
import { isEveryPath, pathOf } from '../matching/uri.ts';
import type { Pausable } from '../pausable.ts';
import { destinationsOfRule } from '../route/destinations.ts';
import type { Rule } from '../route/rule.ts';
import type { HostPattern } from '../values/host.ts';
import { clipped } from '../values/quote.ts';
import { formatReference, parseBinding } from '../values/reference.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';
import { KeptHosts } from './kept-hosts.ts';

/** One condition of a rule, on hosts whose servers keep escaped slashes. */
interface Guarded {
  /** The name of the route whose hosts and gateways apply. */
  bound: string;
  /** The name of the route that contains the rule: `bound`, or a route to which it delegates. */
  route: string;
  /** JSON pointer to the condition inside the route. */
  at: string;
  /** The hosts of `bound` on which escaped slashes are kept. */
  hosts: HostPattern[];
  /** The path that the condition names, without a trailing slash. */
  path: string;
  /** Whether requests for paths below `path` match the condition too. */
  coversBelow: boolean;
  treatment: Treatment;
}

/** How a rule treats a request. Rules that treat requests alike share the object. */
interface Treatment {
  forwards: boolean;
  /** The upstreams to which the rule sends requests. */
  upstreams: ReadonlySet<string>;
}

/**
 * Warns about rules that a client can bypass with an escaped slash. Where a server keeps escaped slashes, a rule for
 * `/admin` does not match `/admin%2Fx`, but the application may read it as `/admin/x`. If a rule for a wider path sends
 * such requests to the same upstream, they bypass the settings of the rule for `/admin`.
 */
export const guards: Check = function* (configuration, { warnings }, names) {
  const changed = names.route && new Set(names.route);
  const kept = new KeptHosts(configuration);
  for (const gateway of configuration.names('gateway')) {
    yield;
    const rules = yield* guarded(configuration, gateway, kept);
    if (rules.length === 0) continue;
    const isChanged = ({ route }: Guarded) => !changed || changed.has(route);
    if (!rules.some(isChanged)) continue;
    const wide = rules.filter(({ coversBelow }) => coversBelow);
    const all = yield* byPath(wide);
    const allChanged = changed ? yield* byPath(wide.filter(isChanged)) : all;
    for (const rule of rules) {
      yield;
      let wider: Guarded | undefined;
      for (const other of widerThan(rule, isChanged(rule) ? all : allChanged)) {
        yield;
        if (other.treatment === rule.treatment || !isWayAround(other.treatment, rule.treatment)) continue;
        wider = other;
        break;
      }
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

function* guarded(configuration: Configuration, gateway: string, kept: KeptHosts): Pausable<Guarded[]> {
  if (!configuration.get('gateway', gateway)!.servers.some(({ escapedSlashes }) => escapedSlashes === 'keep'))
    return [];
  const all: Guarded[] = [];
  const treatments = new Map<string, Treatment>();
  for (const [bound, written] of configuration.entries('route')) {
    yield;
    const { hosts = [], gateways = [] } = written;
    const named = gateways.filter((text) => parseBinding(text).gateway === gateway);
    if (named.length === 0) continue;
    const common = hosts.filter((host) => named.some((text) => kept.of(text).overlaps(host)));
    if (common.length === 0) continue;
    const treatmentOf = new Map<Rule, Treatment>();
    for (const ranked of conditionsIn(configuration, bound, written)) {
      yield;
      const { route, condition, spec } = ranked;
      const wanted = pathOf(condition);
      const path =
        wanted.kind === 'regex' ? literalText(condition.uri?.regex ?? wanted.regex).split('\0')[0]! : wanted.path;
      const coversBelow = isEveryPath(wanted) || wanted.kind === 'prefix' || wanted.kind === 'segments';
      const treatment = getOrAdd(treatmentOf, spec, () => getOrAdd(treatments, textOf(spec), () => treating(spec)));
      const at = conditionPath(ranked);
      all.push({ bound, route, at, hosts: common, path: path.replace(/\/$/, ''), coversBelow, treatment });
    }
  }
  return all;
}

/** Returns a text that is the same for rules that treat requests alike. */
const textOf = ({ name: _, match: __, ...rest }: Rule): string => JSON.stringify(rest);

const treating = (rule: Rule): Treatment => ({
  forwards: rule.route !== undefined,
  upstreams: new Set(upstreamsOf(rule)),
});

/** Groups rules by their path, and then by their hosts. */
function* byPath(rules: readonly Guarded[]): Pausable<ReadonlyMap<string, HostIndex<Guarded>>> {
  const all = new Map<string, HostIndex<Guarded>>();
  for (const rule of rules) {
    yield;
    const there = getOrAdd(all, rule.path, () => new HostIndex<Guarded>());
    for (const host of rule.hosts) there.add(host, rule);
  }
  return all;
}

/** Lists the paths above a path, the nearest first: `/a/b` and `/a` for `/a/b/c`, then the empty path. */
function* above(path: string): Generator<string> {
  for (let slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
    yield path.slice(0, slash);
    if (slash === 0) return;
  }
}

/** Lists the rules for a path above the one of a rule, on a host that both have. */
function* widerThan({ path, hosts }: Guarded, wide: ReadonlyMap<string, HostIndex<Guarded>>): Generator<Guarded> {
  for (const each of above(path)) {
    const there = wide.get(each);
    if (there) for (const host of hosts) for (const [other] of there.overlapping(host)) yield other;
  }
}

/** Whether the wider rule sends requests to an upstream of the narrower rule, or to any if the narrower sends none. */
function isWayAround(wider: Treatment, narrower: Treatment): boolean {
  if (!wider.forwards) return false;
  if (!narrower.forwards) return true;
  for (const upstream of wider.upstreams) if (narrower.upstreams.has(upstream)) return true;
  return false;
}

/** Lists the upstreams to which a rule sends requests. */
const upstreamsOf = (rule: Rule): string[] =>
  destinationsOfRule(rule).flatMap(({ use, upstream }) => (use === 'route' ? [formatReference(upstream)] : []));
