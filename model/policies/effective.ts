import type { KindIn, PoliciesIn, PolicyDefinitions, SpecIn } from './policy.ts';

/** The levels that set policies, the nearest to the request first. */
export const levels = ['rule', 'route', 'server', 'gateway'] as const;
type Level = (typeof levels)[number];

/** Where a level is written. */
interface Place {
  kind: 'gateway' | 'route';
  /** The name of the resource. */
  name: string;
  /** JSON pointer inside the resource to what has the `policies` field; empty for the resource itself. */
  path: string;
}

/** The policies of one level. */
export interface Setting<D extends PolicyDefinitions> extends Place {
  policies?: PoliciesIn<D> | undefined;
}

/** Every level that a request passes through. */
export type Settings<D extends PolicyDefinitions> = Partial<Record<Level, Setting<D>>>;

/** A policy that applies to a request, and where it comes from. */
interface Effective<K extends string, Spec> {
  kind: K;
  spec: Spec;
  /** Its JSON pointer is that of the policy, such as `/http/0/policies/localRateLimit`. */
  source: Place & { level: Level };
}

/** {@link Effective} for each kind of a list of definitions. */
export type EffectiveIn<D extends PolicyDefinitions> = { [K in KindIn<D>]: Effective<K, SpecIn<D, K>> }[KindIn<D>];

/**
 * Merges the levels: of each kind of policy the nearest one applies, as a whole.
 *
 * @param definitions the kinds, as `policyDefinitions` lists them
 * @param settings what each level sets; levels may be missing
 * @returns the policies that apply, in the order of the definitions
 */
export function effective<const D extends PolicyDefinitions>(definitions: D, settings: Settings<D>): EffectiveIn<D>[] {
  return definitions.flatMap(({ kind }) => {
    for (const level of levels) {
      const setting = settings[level];
      // `kind` is one of those that the setting is mapped from, which is lost on an element of a list.
      const spec = setting?.policies?.[kind as KindIn<D>];
      if (setting === undefined || spec === undefined) continue;
      const { kind: resource, name, path } = setting;
      const source = { level, kind: resource, name, path: `${path}/policies/${kind}` };
      return [{ kind, spec, source } as EffectiveIn<D>];
    }
    return [];
  });
}
