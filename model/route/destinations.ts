/** Every destination of a route. References, checks, clusters and whatever else must know destinations read them here. */
import { parseReference, type ResourceName } from '../values/reference.ts';
import type { Destination, DestinationUse } from './destination.ts';
import { destinationFields, type HasDestination, type Rule } from './rule.ts';

/** A destination in its place. */
export interface PlacedDestination {
  use: DestinationUse;
  /** JSON pointer to the destination: inside the route, or inside the rule. */
  path: string;
  upstream: ResourceName;
  destination: Destination;
}

/** The parts of a route that have destinations: a section for another protocol is one more member, read below. */
export interface RouteSections {
  http: readonly Rule[];
}

/** Each rule of a route with its JSON pointer. */
function* rulesOf({ http }: RouteSections): Generator<[path: string, rule: Rule]> {
  for (const [index, rule] of http.entries()) yield [`/http/${index}`, rule];
}

/**
 * Every destination of a route, rule by rule.
 *
 * @example [...destinationsOf(route)].map(({ path }) => path) // ['/http/0/route/0/destination']
 */
export function* destinationsOf(route: RouteSections): Generator<PlacedDestination> {
  for (const [path, rule] of rulesOf(route)) yield* destinationsOfRule(rule, path);
}

/**
 * Every destination of one rule, in the order in which the rule lists them.
 *
 * @param at JSON pointer to the rule, put in front of each `path`
 */
export function* destinationsOfRule(rule: Rule, at = ''): Generator<PlacedDestination> {
  for (const [field, use] of fields) {
    const value: OneOrMore | undefined = rule[field];
    if (value === undefined) continue;
    if (isList(value)) for (const [index, each] of value.entries()) yield placed(each, use, `${at}/${field}/${index}`);
    else yield placed(value, use, `${at}/${field}`);
  }
}

type OneOrMore = HasDestination | readonly HasDestination[];

// `Array.isArray` alone does not narrow a read-only list.
const isList = (value: OneOrMore): value is readonly HasDestination[] => Array.isArray(value);

// `Object.entries` widens the keys of this record to text.
const fields = Object.entries(destinationFields) as [keyof typeof destinationFields, DestinationUse][];

const placed = ({ destination }: HasDestination, use: DestinationUse, at: string): PlacedDestination => ({
  use,
  path: `${at}/destination`,
  upstream: parseReference(destination.upstream),
  destination,
});
