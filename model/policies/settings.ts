import type { Setting, Settings } from './effective.ts';
import type { Policies, policyDefinitions } from './index.ts';

/** A rule with the route, gateway and server through which it serves requests. Each spec may have `policies`. */
export interface PlacedRule {
  route: { name: string; spec: object };
  /** `index` is the position of the rule in the route's `http`. */
  rule: { index: number; spec: object };
  /** The rules that delegate to the rule, with their routes, the nearest to the rule first; empty if it is not delegated. */
  parents: readonly Pick<PlacedRule, 'route' | 'rule'>[];
  /** The gateway that admits the host. `server` is the server of this gateway, with its index. */
  gateway?: { name: string; spec: object } | undefined;
  server?: { index: number; spec: object } | undefined;
}

/** Collects the policies of each level that applies to the requests of a rule. `effective` merges them. */
export function settingsOf({ route, rule, parents, gateway, server }: PlacedRule): Settings<typeof policyDefinitions> {
  return {
    rule: ruleSetting({ route, rule }),
    route: routeSetting(route),
    ...(parents.length > 0 && { parent: parents.flatMap((each) => [ruleSetting(each), routeSetting(each.route)]) }),
    ...(gateway && { gateway: { kind: 'gateway', name: gateway.name, path: '', ...policiesOf(gateway.spec) } }),
    ...(gateway &&
      server && {
        server: { kind: 'gateway', name: gateway.name, path: `/servers/${server.index}`, ...policiesOf(server.spec) },
      }),
  };
}

const ruleSetting = ({ route, rule }: Pick<PlacedRule, 'route' | 'rule'>): Setting<typeof policyDefinitions> => ({
  ...{ kind: 'route', name: route.name, path: `/http/${rule.index}` },
  ...policiesOf(rule.spec),
});

const routeSetting = ({ name, spec }: PlacedRule['route']): Setting<typeof policyDefinitions> => ({
  ...{ kind: 'route', name, path: '' },
  ...policiesOf(spec),
});

/** Specs are typed as objects, because their types have no `policies` field while there is no kind of policy. */
const policiesOf = (spec: object): Pick<Setting<typeof policyDefinitions>, 'policies'> => ({
  policies: (spec as { policies?: Policies }).policies,
});
