import { parseReference } from '../values/reference.ts';
import type { KindIn, PoliciesIn, PolicyDefinitions, SpecIn } from './policy.ts';

/** The levels that set policies, the nearest to the request first. */
export const levels = ['rule', 'route', 'parent', 'server', 'gateway'] as const;
type Level = (typeof levels)[number];

/** The resource that contains a level, and the level's position in it. */
interface Place {
  kind: 'gateway' | 'route';
  /** The name of the resource. */
  name: string;
  /** JSON pointer to the object that has the `policies` field; empty for the resource itself. */
  path: string;
}

/** The policies of one level. */
export interface Setting<D extends PolicyDefinitions> extends Place {
  policies?: PoliciesIn<D> | undefined;
}

/**
 * The policies of every level that applies to a request. The level `parent` has several settings if the rule is
 * delegated: of each rule that delegates and of its route, the nearest to the rule first.
 */
export type Settings<D extends PolicyDefinitions> = Partial<
  Record<Exclude<Level, 'parent'>, Setting<D>> & { parent: readonly Setting<D>[] }
>;

/** A policy that applies to a request, and the level that sets it. */
interface Effective<K extends string, Spec> {
  kind: K;
  spec: Spec;
  /** `path` is the JSON pointer to the policy, such as `/http/0/policies/localRateLimit`. */
  source: Place & { level: Level };
}

/** {@link Effective} for each kind of a list of definitions. */
export type EffectiveIn<D extends PolicyDefinitions> = { [K in KindIn<D>]: Effective<K, SpecIn<D, K>> }[KindIn<D>];

/**
 * Merges the policies of all levels. Of each kind of policy, the one of the nearest level applies, unless the kind
 * protects what another tenant has set at a farther level. Policies of the same kind are not merged with each other.
 *
 * @param definitions the kinds of policy, normally `policyDefinitions`
 * @param settings the policies of each level; levels may be missing
 * @returns the policies that apply, in the order of the definitions
 */
export function effective<const D extends PolicyDefinitions>(definitions: D, settings: Settings<D>): EffectiveIn<D>[] {
  return definitions.flatMap(({ kind, overOtherTenant }) => {
    let found: EffectiveIn<D> | undefined;
    for (const level of levels)
      for (const setting of level === 'parent' ? (settings.parent ?? []) : [settings[level]]) {
        // `kind` is a key of the setting's policies. TypeScript loses this for an element of a list.
        const spec = setting?.policies?.[kind as KindIn<D>];
        if (setting === undefined || spec === undefined) continue;
        const { kind: resource, name, path } = setting;
        if (found && (overOtherTenant === 'replaces' || tenantOf(name) === tenantOf(found.source.name))) continue;
        const source = { level, kind: resource, name, path: `${path}/policies/${kind}` };
        found = { kind, spec, source } as EffectiveIn<D>;
      }
    return found ?? [];
  });
}

/** Returns the other tenant that owns a resource of a combined configuration; undefined for its own tenant. */
const tenantOf = (name: string): string | undefined => parseReference(name).tenant;
