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
  spec: Rule;
  /** The rule without its name and its conditions, as JSON: how it treats a request. */
  treatment: string;
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
    const wide = Map.groupBy(
      rules.filter(({ coversBelow }) => coversBelow),
      ({ path }) => path,
    );
    const overlap = hostOverlap();
    for (const rule of rules) {
      yield;
      let wider: Guarded | undefined;
      for (const other of widerThan(rule, wide)) {
        yield;
        if (changed && !changed.has(rule.route) && !changed.has(other.route)) continue;
        if (other.treatment === rule.treatment || !isWayAround(other.spec, rule.spec) || !overlap(rule, other))
          continue;
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
  for (const [bound, written] of configuration.entries('route')) {
    yield;
    const { hosts = [], gateways = [] } = written;
    const named = gateways.filter((text) => parseBinding(text).gateway === gateway);
    if (named.length === 0) continue;
    const common = hosts.filter((host) => named.some((text) => kept.of(text).overlaps(host)));
    if (common.length === 0) continue;
    const treatments = new Map<Rule, string>();
    for (const ranked of conditionsIn(configuration, bound, written)) {
      const { route, condition, spec } = ranked;
      const wanted = pathOf(condition);
      const path =
        wanted.kind === 'regex' ? literalText(condition.uri?.regex ?? wanted.regex).split('\0')[0]! : wanted.path;
      const coversBelow = isEveryPath(wanted) || wanted.kind === 'prefix' || wanted.kind === 'segments';
      const treatment = getOrAdd(treatments, spec, () => treatmentOf(spec));
      const at = conditionPath(ranked);
      all.push({ bound, route, at, hosts: common, path: path.replace(/\/$/, ''), coversBelow, spec, treatment });
    }
  }
  return all;
}

const treatmentOf = ({ name: _, match: __, ...rest }: Rule): string => JSON.stringify(rest);

/** Lists the paths above a path, the nearest first: `/a/b` and `/a` for `/a/b/c`, then the empty path. */
function* above(path: string): Generator<string> {
  for (let slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
    yield path.slice(0, slash);
    if (slash === 0) return;
  }
}

function* widerThan({ path }: Guarded, open: ReadonlyMap<string, Guarded[]>): Generator<Guarded> {
  for (const each of above(path)) yield* open.get(each) ?? [];
}

/** @returns a function that says whether two routes have hosts in common. It compares the same two routes only once. */
function hostOverlap(): (a: Guarded, b: Guarded) => boolean {
  const indexes = new Map<string, HostIndex<true>>();
  const known = new Map<string, boolean>();
  const indexOf = ({ bound, hosts }: Guarded) => {
    let index = indexes.get(bound);
    if (!index) {
      indexes.set(bound, (index = new HostIndex()));
      for (const host of hosts) index.add(host, true);
    }
    return index;
  };
  return (a, b) => {
    if (a.bound === b.bound) return true;
    const key = `${a.bound}|${b.bound}`;
    let met = known.get(key);
    if (met === undefined) known.set(key, (met = a.hosts.some((host) => indexOf(b).overlaps(host))));
    return met;
  };
}

/** Whether the wider rule sends requests to an upstream of the narrower rule, or to any if the narrower sends none. */
function isWayAround(wider: Rule, narrower: Rule): boolean {
  if (!wider.route) return false;
  if (!narrower.route) return true;
  const upstreams = new Set(upstreamsOf(narrower));
  return upstreamsOf(wider).some((upstream) => upstreams.has(upstream));
}

/** Lists the upstreams to which a rule sends requests. */
const upstreamsOf = (rule: Rule): string[] =>
  destinationsOfRule(rule).flatMap(({ use, upstream }) => (use === 'route' ? [formatReference(upstream)] : []));
