/** Every destination of a route. References, checks and clusters find destinations here. */
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

/**
 * Every destination of a route, rule by rule. A list and no generator: every write of a route reads it several times.
 *
 * @example destinationsOf(route).map(({ path }) => path) // ['/http/0/route/0/destination']
 */
export function destinationsOf({ http }: RouteSections): PlacedDestination[] {
  const all: PlacedDestination[] = [];
  for (let index = 0; index < http.length; index++) collect(all, http[index]!, `/http/${index}`);
  return all;
}

/** Every destination of one rule, in the order in which the rule lists them. Each `path` begins at the rule. */
export function destinationsOfRule(rule: Rule): PlacedDestination[] {
  const all: PlacedDestination[] = [];
  collect(all, rule, '');
  return all;
}

/** @param at JSON pointer to the rule, put in front of each `path` */
function collect(all: PlacedDestination[], rule: Rule, at: string): void {
  for (const [field, use] of fields) {
    const value: OneOrMore | undefined = rule[field];
    if (value === undefined) continue;
    if (isList(value))
      for (let index = 0; index < value.length; index++)
        all.push(placed(value[index]!, use, `${at}/${field}/${index}`));
    else all.push(placed(value, use, `${at}/${field}`));
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
