import type { Configuration } from '../../model/configuration.ts';
import type { RankedRule } from '../../model/matching/precedence.ts';
import { effective } from '../../model/policies/effective.ts';
import { policyDefinitions } from '../../model/policies/index.ts';
import { settingsOf } from '../../model/policies/settings.ts';
import type { Applied } from './composite.ts';

/** Returns the policies that apply to a rule. Of several policies of one kind, the one nearest to the rule applies. */
export function appliedTo(configuration: Configuration, { route, through, rule, spec }: RankedRule): Applied[] {
  const written = configuration.get('route', route);
  if (!written) return [];
  const gateway = through && configuration.get('gateway', through.gateway);
  const way = {
    route: { name: route, spec: written },
    rule: { index: rule, spec },
    ...(gateway && {
      gateway: { name: through.gateway, spec: gateway },
      server: { index: through.server, spec: gateway.servers[through.server]! },
    }),
  };
  return effective(policyDefinitions, settingsOf(way));
}
