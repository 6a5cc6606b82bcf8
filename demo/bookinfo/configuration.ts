import type { Ports } from './ports.ts';

const to = (upstream: string, subset?: string) => ({ destination: { upstream, ...(subset && { subset }) } });

/** The first rule that matches wins, so the special cases come before the canary. */
const rules = [
  {
    name: 'jason-sees-v3',
    match: [{ uri: { pathPrefix: '/reviews' }, headers: { 'end-user': { exact: 'jason' } } }],
    route: [to('reviews', 'v3')],
  },
  {
    // /v1/1 arrives at reviews v1 as /reviews/1.
    name: 'pinned-to-v1',
    match: [{ uri: { pathPrefix: '/v1' } }],
    rewrite: { uri: '/reviews' },
    route: [to('reviews', 'v1')],
  },
  {
    name: 'reviews-canary',
    match: [{ uri: { pathPrefix: '/reviews' } }],
    timeout: '5s',
    route: [
      { ...to('reviews', 'v1'), weight: 95 },
      { ...to('reviews', 'v2'), weight: 5 },
    ],
  },
  { name: 'details', match: [{ uri: { pathPrefix: '/details' } }], route: [to('details')] },
  { name: 'productpage', route: [to('productpage')] },
];

const one = (port: number) => ({ port: 9080, endpoints: [{ address: '127.0.0.1', port }] });

/** Routes may name port 9080 of every service. All services run on one machine, so each endpoint has its own port. */
function upstreams(ports: Ports) {
  const versions = Object.entries(ports.reviews);
  return {
    productpage: one(ports.productpage),
    details: one(ports.details),
    reviews: {
      port: 9080,
      endpoints: versions.map(([version, port]) => ({ address: '127.0.0.1', port, labels: { version } })),
      subsets: versions.map(([version]) => ({ name: version, labels: { version } })),
    },
  };
}

/** The place of the application. */
export interface Place {
  ports: Ports;
  /** The host of the route. */
  host: string;
  /** The gateway that serves the host, as a route of the tenant names it. */
  gateway: string;
}

/** The route and the upstreams of the application, in the form of `PUT /v1/tenants/{tenant}/configuration`. */
export function configuration({ ports, host, gateway }: Place) {
  return {
    routes: { bookinfo: { hosts: [host], gateways: [gateway], http: rules } },
    upstreams: upstreams(ports),
  };
}
