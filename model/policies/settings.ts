import type { Setting, Settings } from './effective.ts';
import type { Policies, policyDefinitions } from './index.ts';

/** A rule with the route, gateway and server through which it serves requests. Each spec may have `policies`. */
export interface PlacedRule {
  route: { name: string; spec: object };
  /** `index` is the position of the rule in the route's `http`. */
  rule: { index: number; spec: object };
  /** The gateway that admits the host. `server` is the server of this gateway, with its index. */
  gateway?: { name: string; spec: object } | undefined;
  server?: { index: number; spec: object } | undefined;
}

/** Collects the policies of each level that applies to the requests of a rule. `effective` merges them. */
export function settingsOf({ route, rule, gateway, server }: PlacedRule): Settings<typeof policyDefinitions> {
  return {
    rule: { kind: 'route', name: route.name, path: `/http/${rule.index}`, ...policiesOf(rule.spec) },
    route: { kind: 'route', name: route.name, path: '', ...policiesOf(route.spec) },
    ...(gateway && { gateway: { kind: 'gateway', name: gateway.name, path: '', ...policiesOf(gateway.spec) } }),
    ...(gateway &&
      server && {
        server: { kind: 'gateway', name: gateway.name, path: `/servers/${server.index}`, ...policiesOf(server.spec) },
      }),
  };
}

/** Specs are typed as objects, because their types have no `policies` field while there is no kind of policy. */
const policiesOf = (spec: object): Pick<Setting<typeof policyDefinitions>, 'policies'> => ({
  policies: (spec as { policies?: Policies }).policies,
});
