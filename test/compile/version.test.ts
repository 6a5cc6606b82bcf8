import { expect, test } from 'vitest';
import { grpcRouteConfiguration, routeConfiguration, UNVERSIONED } from '../../dataplane/compile/index.ts';
import { RouteConfiguration } from '../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import { Any } from '../../dataplane/envoy/gen/google/protobuf/any.ts';
import type { XdsResource } from '../../dataplane/xds/resource.ts';
import * as encode from '../xds/encode.ts';
import { fleet, routing } from './case.ts';

/** A tenant who knows the placeholder of the version and writes it into a text. */
const sly = (body: string) =>
  routing({ match: [{ headers: { q: { exact: UNVERSIONED } } }], directResponse: { status: 200, body } });

const routesOf = ({ body }: XdsResource) =>
  RouteConfiguration.decode(Any.decode(body).value).virtualHosts[0]!.routes.map(({ name, match, action }) => ({
    name,
    header: match?.headers[0]?.headerMatchSpecifier,
    body: action?.$case === 'directResponse' ? action.value.body?.specifier?.value : undefined,
  }));

test('the version is written into the marker, and into no text of a tenant', () => {
  const { message } = routeConfiguration(sly(UNVERSIONED), 'acme', fleet, 80, 'a.test');
  const routes = encode.routes(message);
  expect(routes.version).toMatch(/^[0-9a-f]{32}$/);
  const asked = { $case: 'stringMatch', value: { matchPattern: { $case: 'exact', value: UNVERSIONED } } };
  expect(routesOf(routes)).toMatchObject([
    { name: 'marker', body: routes.version },
    { name: 'only-slashes' },
    { name: 'escaped-slashes' },
    { name: 'r/0/0', header: asked, body: UNVERSIONED },
    { name: 'none' },
  ]);
  const { message: bare } = grpcRouteConfiguration(sly(''), 'acme', fleet, 80, 'a.test', 'grpc|80|a.test');
  expect(routesOf(encode.routes(bare))).toMatchObject([{ name: 'r/0/0', header: asked }]);
});

test('the version differs when anything differs, and is the same when nothing differs', () => {
  const version = (body: string) =>
    encode.routes(routeConfiguration(sly(body), 'acme', fleet, 80, 'a.test').message).version;
  expect(version('one')).toBe(version('one'));
  expect(version('one')).not.toBe(version('two'));
});
