import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { listenerMessage, listeners } from '../../dataplane/compile/index.ts';
import { findEnvoy } from '../../dataplane/envoy/find.ts';
import { Listener } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import { cases, compiled, fleet } from '../compile/case.ts';
import { readable } from '../compile/readable.ts';

/** The expected resources of all cases, in one bootstrap. */
function bootstrap(): unknown {
  const all = cases().map(({ configuration }) => compiled(configuration));
  const clusters = new Map(
    all.flatMap(({ Cluster }) => Cluster).map((cluster) => [(cluster as { name: string }).name, cluster]),
  );
  const inline = all
    .flatMap(({ RouteConfiguration }) => RouteConfiguration)
    .map((routeConfig, index) => listenerOf(routeConfig, index));
  // Envoy gets no listener that has no chain yet, such as the one for HTTP/3.
  const own = listeners(fleet, { probe: '/tmp/never-bound.sock' })
    .filter(({ chains }) => chains.length > 0)
    .map((listener) => readable(Listener.toJSON(listenerMessage(listener))));
  return {
    node: { id: 'validate', cluster: 'validate' },
    dynamic_resources: {
      ads_config: {
        api_type: 'DELTA_GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds' } }],
      },
    },
    static_resources: { listeners: [...own, ...inline], clusters: [xds, ...clusters.values()] },
    // As in the bootstrap of the product, with room for any pattern that the API accepts.
    layered_runtime: {
      layers: [{ name: 'gatehouse', static_layer: { 're2.max_program_size.error_level': 100_000 } }],
    },
  };
}

const xds = {
  name: 'xds',
  type: 'STATIC',
  load_assignment: {
    cluster_name: 'xds',
    endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: '/tmp/none.sock' } } } }] }],
  },
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
};

function listenerOf(route_config: unknown, index: number): unknown {
  const typed_config = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'case',
    route_config,
    http_filters: [
      // The filters have the names of our chain, so that the settings of virtual hosts for them are checked too.
      {
        name: 'loading',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
          default_source_code: { inline_string: ' ' },
        },
      },
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  };
  return {
    name: `case-${index}`,
    address: { pipe: { path: `/tmp/never-bound-${index}.sock` } },
    filter_chains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config }] }],
  };
}

test('Envoy accepts the resources of every case, and the listeners', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'validate-'));
  const file = join(folder, 'envoy.json');
  writeFileSync(file, JSON.stringify(bootstrap()));
  const { stdout, stderr } = await promisify(execFile)(await findEnvoy(), [
    '--mode',
    'validate',
    '-c',
    file,
    '-l',
    'warning',
    '--use-dynamic-base-id',
  ]).catch((error) => error);
  rmSync(folder, { recursive: true });
  expect(`${stdout}`, stderr).toContain(' OK');
});
