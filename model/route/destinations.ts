/** Lists the destinations of a route. References, checks and Envoy's clusters are derived from this list. */
import { parseReference, type ResourceName } from '../values/reference.ts';
import type { Destination, DestinationUse } from './destination.ts';
import { destinationFields, type HasDestination, type Rule } from './rule.ts';
import type { TcpRule } from './tcp.ts';
import type { TlsRule } from './tls.ts';
import type { UdpRule } from './udp.ts';

/** A destination and its position in a route or a rule. */
export interface PlacedDestination {
  use: DestinationUse;
  /** The part of the route that has the destination. */
  section: keyof RouteSections;
  /** JSON pointer to the destination. It begins at the route, or at the rule for `destinationsOfRule`. */
  path: string;
  upstream: ResourceName;
  destination: Destination;
}

/** The parts of a route that have destinations. A part for another protocol would be another member. */
export interface RouteSections {
  http?: readonly Rule[] | undefined;
  tls?: readonly TlsRule[] | undefined;
  tcp?: readonly TcpRule[] | undefined;
  udp?: readonly UdpRule[] | undefined;
}

/**
 * Lists the destinations of a route, rule by rule. It returns a list because a generator would be slower, and every
 * write of a route calls this function several times.
 *
 * @example destinationsOf(route).map(({ path }) => path) // ['/http/0/route/0/destination']
 */
export function destinationsOf({ http = [], tls = [], tcp = [], udp = [] }: RouteSections): PlacedDestination[] {
  const all: PlacedDestination[] = [];
  for (let index = 0; index < http.length; index++) collect(all, http[index]!, `/http/${index}`);
  for (const [index, { route }] of tls.entries()) add(all, route, 'route', `/tls/${index}/route`, 'tls');
  for (const [index, { route }] of tcp.entries()) add(all, route, 'route', `/tcp/${index}/route`, 'tcp');
  for (const [index, { route }] of udp.entries()) add(all, route, 'route', `/udp/${index}/route`, 'udp');
  return all;
}

/** Lists the destinations of one rule. Each `path` begins at the rule. */
export function destinationsOfRule(rule: Rule): PlacedDestination[] {
  const all: PlacedDestination[] = [];
  collect(all, rule, '');
  return all;
}

/** Returns a rule in which every destination is replaced. */
export function withDestinations(rule: Rule, replace: (destination: Destination) => Destination): Rule {
  const replaced = (each: HasDestination) =>
    each.destination ? { ...each, destination: replace(each.destination) } : each;
  const changed: Record<string, unknown> = {};
  for (const [field] of fields) {
    const value: OneOrMore | undefined = rule[field];
    if (value !== undefined) changed[field] = isList(value) ? value.map(replaced) : replaced(value);
  }
  // Every field keeps its type, because only the destinations inside it change.
  return { ...rule, ...(changed as Partial<Rule>) };
}

/** @param at JSON pointer to the rule, with which each `path` begins */
function collect(all: PlacedDestination[], rule: Rule, at: string): void {
  for (const [field, use] of fields) {
    const value: OneOrMore | undefined = rule[field];
    if (value === undefined) continue;
    if (isList(value)) add(all, value, use, `${at}/${field}`, 'http');
    else place(all, value, use, `${at}/${field}`, 'http');
  }
}

function add(
  all: PlacedDestination[],
  list: readonly HasDestination[],
  use: DestinationUse,
  at: string,
  section: keyof RouteSections,
): void {
  for (let index = 0; index < list.length; index++) place(all, list[index]!, use, `${at}/${index}`, section);
}

type OneOrMore = HasDestination | readonly HasDestination[];

// `Array.isArray` alone does not narrow a read-only list.
const isList = (value: OneOrMore): value is readonly HasDestination[] => Array.isArray(value);

// `Object.entries` widens the keys of this record to text.
const fields = Object.entries(destinationFields) as [keyof typeof destinationFields, DestinationUse][];

function place(
  all: PlacedDestination[],
  { destination }: HasDestination,
  use: DestinationUse,
  at: string,
  section: keyof RouteSections,
): void {
  if (!destination) return;
  all.push({
    use,
    section,
    path: `${at}/destination`,
    upstream: parseReference(destination.upstream),
    destination,
  });
}
