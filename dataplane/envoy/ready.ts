/** The listener on which an Envoy tells load balancers whether to send it new connections. */
export const READY_LISTENER = 'ready';

/**
 * Builds the listener, which is part of the bootstrap. `GET /ready` answers 200, or 503 while the Envoy is drained. The
 * listener opens once Envoy has the listeners of its fleet.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/health_check_filter
 *
 * @param address the address, as the bootstrap contains it
 * @returns proto3 JSON
 */
export const readyListener = (address: object): object => ({
  name: READY_LISTENER,
  stat_prefix: READY_LISTENER,
  address,
  ignore_global_conn_limit: true,
  filter_chains: [
    {
      filters: [
        {
          name: 'envoy.filters.network.http_connection_manager',
          typed_config: {
            '@type':
              'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            stat_prefix: READY_LISTENER,
            route_config: { virtual_hosts: [] },
            // A load balancer keeps no connection for longer than between two checks.
            common_http_protocol_options: { idle_timeout: '60s' },
            http_filters: [
              {
                name: 'envoy.filters.http.health_check',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.filters.http.health_check.v3.HealthCheck',
                  pass_through_mode: false,
                  headers: [{ name: ':path', string_match: { exact: '/ready' } }],
                },
              },
              {
                name: 'envoy.filters.http.router',
                typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
              },
            ],
          },
        },
      ],
    },
  ],
});
