import type { Upstream } from '../../../model/kinds/upstream.ts';
import { withRegistered } from '../../../model/registered-endpoints.ts';
import { wrongIn } from '../../../model/upstream/rules.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import { type Candidate, type Gate, nothing } from './gate.ts';

/**
 * Rejects a change of an upstream that its registered endpoints make invalid: `dns: logical`, or health checks that
 * are too frequent. It reads the database only for changes that can have this effect.
 */
export const registeredEndpoints: Gate = {
  code: 'invalid-configuration',
  async judge({ ctx, state, head, changes }) {
    const changed = changedUpstreams({ state, head, changes }).filter(
      ({ spec, before }) => spec.healthChecks !== undefined || becomesLogical(before, spec),
    );
    if (changed.length === 0) return nothing;
    const groups = await ctx.store.endpoints.groups(state.tenant);
    const errors = changed.flatMap(({ name, spec }): Violation[] => {
      const resource = resourceName('upstream', name);
      const whole = withRegistered(spec, name, groups);
      if (whole.endpoints.length === spec.endpoints.length) return [];
      if (spec.dns === 'logical')
        return [
          {
            resource,
            path: '/dns',
            code: 'has-registered-endpoints',
            message: 'must not be logical while endpoints are registered at the upstream',
            hint: `remove them, or wait until they expire: GET /v1/tenants/${state.tenant}/${resource}/endpoints lists them`,
          },
        ];
      return [...wrongIn(whole)]
        .filter(({ path }) => path[0] === 'healthChecks')
        .map(({ path, code, message }) => ({ resource, path: `/${path.join('/')}`, code, message }));
    });
    return { errors, warnings: [] };
  },
};

/** Whether a change gives an upstream `dns: logical`. */
export const becomesLogical = (before: Upstream, after: Upstream): boolean =>
  after.dns === 'logical' && before.dns !== 'logical';

/** Returns the upstreams that a change replaces, with their state in the head. */
export const changedUpstreams = ({ state, head, changes }: Pick<Candidate, 'state' | 'head' | 'changes'>) =>
  changes.flatMap(({ verb, kind, name }) => {
    if (verb !== 'put' || kind !== 'upstream') return [];
    const [spec, before] = [state.configuration.get(kind, name), head.configuration.get(kind, name)];
    return spec && before && spec !== before ? [{ name, spec, before }] : [];
  });
