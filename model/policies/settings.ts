import type { Setting, Settings } from './effective.ts';
import type { Policies, policyDefinitions } from './index.ts';

/** What a request passes through on its way; each spec may have a `policies` field. */
export interface PlacedRule {
  route: { name: string; spec: object };
  /** `index` is that of the rule in the route's `http`. */
  rule: { index: number; spec: object };
  /** The gateway, and the index of its server, that admitted the route to the host. */
  gateway?: { name: string; spec: object } | undefined;
  server?: { index: number; spec: object } | undefined;
}

/** What each level on the way of a request sets, as `effective` merges it. */
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

/** The types of the specs have the field only while there is a kind of policy, so they are taken as objects. */
const policiesOf = (spec: object): Pick<Setting<typeof policyDefinitions>, 'policies'> => ({
  policies: (spec as { policies?: Policies }).policies,
});
