/** A kind of policy that is added to the two lists appears wherever policies are. */
import { describe, expect, test, vi } from 'vitest';
import { operations } from '../../../api/app.ts';
import { openapiDocument } from '../../../api/observe/document.ts';
import { listenerMessage, listeners, needsOf, routeConfiguration } from '../../../dataplane/compile/index.ts';
import { Listener } from '../../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import { RouteConfiguration } from '../../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import { CompositePerRoute } from '../../../dataplane/envoy/gen/envoy/extensions/filters/http/composite/v3/composite.ts';
import { Configuration } from '../../../model/configuration.ts';
import { Gateway } from '../../../model/kinds/gateway.ts';
import { Route } from '../../../model/kinds/route.ts';
import { fleet } from '../case.ts';
import { readable } from '../readable.ts';

vi.mock('../../../model/policies/index.ts', async () => {
  const { policiesField } = await import('../../../model/policies/field.ts');
  const { definitions } = await import('./sample.ts');
  return { policyDefinitions: definitions, policies: policiesField(definitions) };
});
vi.mock('../../../dataplane/compile/policies/index.ts', async (original) => ({
  ...(await original<object>()),
  policyChain: (await import('./sample.ts')).chain,
}));

const policies = (text: string) => ({ policies: { greeting: { text } } });
const server = { port: { number: 80, name: 'h', protocol: 'HTTP' }, hosts: ['a.test'], ...policies('server') };
const gateway = { selector: { ingress: 'public' }, servers: [server], ...policies('gateway') };
const route = {
  hosts: ['a.test'],
  gateways: ['g'],
  http: [
    { match: [{ uri: { exact: '/rule' } }], directResponse: { status: 200 }, ...policies('rule') },
    { directResponse: { status: 200 } },
  ],
  ...policies('route'),
};

describe('a kind of policy', () => {
  test('is a field of gateways, servers, routes and rules', () => {
    expect(Gateway.parse(gateway)).toEqual(gateway);
    expect(Route.parse(route)).toEqual(route);
    const wrong = { policies: { greetings: {} } };
    for (const each of [
      { ...gateway, ...wrong },
      { ...gateway, servers: [{ ...server, ...wrong }] },
    ])
      expect(Gateway.safeParse(each).success).toBe(false);
    for (const each of [
      { ...route, ...wrong },
      { ...route, http: [{ ...route.http[1], ...wrong }] },
    ])
      expect(Route.safeParse(each).success).toBe(false);
  });

  test('is in the OpenAPI document, once', () => {
    const { schemas } = openapiDocument(operations()).components as { schemas: Record<string, { properties: object }> };
    expect(Object.keys(schemas.Policies!.properties)).toEqual(['password', 'greeting', 'signature']);
    for (const name of ['Gateway', 'Server', 'Route', 'Rule'])
      expect(JSON.stringify(schemas[name]!.properties), name).toContain('#/components/schemas/Policies');
  });
});

describe('a compiled policy', () => {
  const compiled = (document: object) =>
    routeConfiguration(Configuration.fromDocument(document as never), 'acme', fleet, 80, 'a.test');
  const chains = (document: object) =>
    Object.fromEntries(
      compiled(document)
        .message.virtualHosts[0]!.routes.filter(({ name }) => name.startsWith('r/'))
        .map(({ name, typedPerFilterConfig: { composite } }) => [
          name,
          composite && JSON.stringify(readable(CompositePerRoute.toJSON(CompositePerRoute.decode(composite.value)))),
        ]),
    );
  const without = (object: Record<string, unknown>) => ({ ...object, policies: undefined });

  test('the nearest level applies', () => {
    const found = chains({ gateways: { g: gateway }, routes: { r: route } });
    expect(found['r/0/0']).toContain("'rule from r/0/0'");
    expect(found['r/1/0']).toContain("'route from r/1/0'");
    const bare = { ...without(route), http: [without(route.http[1]!)] };
    const ofServer = chains({ gateways: { g: gateway }, routes: { r: bare } });
    expect(ofServer['r/0/0']).toContain("'server from r/0/0'");
    const ofGateway = chains({ gateways: { g: { ...gateway, servers: [without(server)] } }, routes: { r: bare } });
    expect(ofGateway['r/0/0']).toContain("'gateway from r/0/0'");
  });

  test('of a parent applies to the rules of its child, unless the child has its own', () => {
    const child = { parents: ['r'], http: [{ directResponse: { status: 200 } }] };
    const parent = (more: object) => ({ ...without(route), http: [{ delegate: { route: 'c' } }], ...more });
    const found = (parentHas: object, childHas: object = {}) => {
      const configuration = Configuration.fromDocument({
        gateways: { g: gateway },
        routes: { r: parent(parentHas), c: { ...child, ...childHas } },
      } as never);
      const { message } = routeConfiguration(configuration, 'acme', fleet, 80, 'a.test');
      const own = message.virtualHosts[0]!.routes.find(({ name }) => name.startsWith('c/0'))!;
      return JSON.stringify(
        readable(CompositePerRoute.toJSON(CompositePerRoute.decode(own.typedPerFilterConfig.composite!.value))),
      );
    };
    expect(found({})).toContain("'server from c/0/0'");
    expect(found(policies('parent'))).toContain("'parent from c/0/0'");
    expect(found({ http: [{ delegate: { route: 'c' }, ...policies('delegating') }], ...policies('parent') })).toContain(
      "'delegating from",
    );
    expect(found(policies('parent'), policies('child'))).toContain("'child from c/0/0'");
  });

  test('adds nothing to a route without policies', () => {
    const bare = { ...without(route), http: route.http.map(without) };
    const plain = { ...without(gateway), servers: [without(server)] };
    const { message, needs } = compiled({ gateways: { g: plain }, routes: { r: bare } });
    const rules = message.virtualHosts[0]!.routes.filter(({ name }) => name.startsWith('r/'));
    expect(rules.map(({ typedPerFilterConfig }) => typedPerFilterConfig)).toEqual([{}, {}]);
    expect(needs).toEqual({ clusters: [], secrets: [] });
  });

  test('runs in the order of the chain, and its needs are needs of the host', () => {
    const all = {
      signature: { text: 's' },
      greeting: { text: 'g' },
      password: { users: 'u:{SHA}x', asks: 'users' },
    };
    const rule = { policies: all, route: [{ destination: { upstream: 'web' } }] };
    const document = { gateways: { g: gateway }, routes: { r: { ...without(route), http: [rule] } } };
    expect(chains(document)['r/0/0']).toMatch(/"name":"password".*"name":"greeting"/);
    expect(chains(document)['r/0/0']).not.toContain('signature');
    const { message, needs } = compiled(document);
    const own = message.virtualHosts[0]!.routes.find(({ name }) => name === 'r/0/0')!;
    expect(Object.keys(own.typedPerFilterConfig).sort()).toEqual(['composite', 'signature']);
    expect(needs).toEqual({ clusters: ['acme/users', 'acme/web'], secrets: ['policy/acme/users'] });
    expect(needsOf(RouteConfiguration.decode(RouteConfiguration.encode(message).finish()))).toEqual(needs);
  });

  test('has its manager filter in every listener, after the filters that load a host', () => {
    for (const listener of listeners(fleet, { probe: '/x' }).filter(({ chains }) => chains.length > 0)) {
      const text = JSON.stringify(readable(Listener.toJSON(listenerMessage(listener))));
      expect(text).toMatch(/on_demand.*"name":"signature".*"name":"composite".*router/);
    }
  });
});
