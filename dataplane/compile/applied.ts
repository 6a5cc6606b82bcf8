import type { Configuration } from '../../model/configuration.ts';
import { translatesGrpcWeb } from '../../model/matching/grpc-web.ts';
import type { RankedRule } from '../../model/matching/precedence.ts';
import { effective } from '../../model/policies/effective.ts';
import { policyDefinitions } from '../../model/policies/index.ts';
import { settingsOf } from '../../model/policies/settings.ts';
import type { Applied } from './composite.ts';
import { translation } from './rule-filters/index.ts';

/**
 * Returns the policies that apply to a rule, and the translation of gRPC-Web if it has it. The rule, its route, the rules that
 * delegate to it and their routes, its server and its gateway may each have policies. If
 * several of them have a policy of one kind, `effective` decides which one applies.
 *
 * @param configuration the tenant's configuration, from which the rule was ranked
 * @returns an empty list when no policy applies, or when the configuration does not have the route
 */
export function appliedTo(configuration: Configuration, ranked: RankedRule): Applied[] {
  const { route, through, rule, spec, via = [] } = ranked;
  const written = configuration.get('route', route);
  if (!written) return [];
  const gateway = through && configuration.get('gateway', through.gateway);
  const way = {
    route: { name: route, spec: written },
    rule: { index: rule, spec },
    parents: via.toReversed().map((each) => ({
      route: { name: each.route, spec: configuration.get('route', each.route) ?? {} },
      rule: { index: each.rule, spec: each.spec },
    })),
    ...(gateway && {
      gateway: { name: through.gateway, spec: gateway },
      server: { index: through.server, spec: gateway.servers[through.server]! },
    }),
  };
  const policies = effective(policyDefinitions, settingsOf(way));
  return translatesGrpcWeb(configuration, ranked) ? [...policies, translation] : policies;
}
