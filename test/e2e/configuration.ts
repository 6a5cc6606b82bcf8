import type { Backend } from './backend.ts';

/** The smallest configuration that serves one host: a gateway on port 80 and a route to one upstream. */
export function simple(host: string, backend: Backend, more: { https?: string } = {}) {
  return {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [
          { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] },
          ...(more.https
            ? [
                {
                  port: { number: 443, name: 'https', protocol: 'HTTPS' },
                  hosts: [host],
                  tls: { mode: 'SIMPLE', credentialName: more.https },
                },
              ]
            : []),
        ],
      },
    },
    upstreams: { app: upstream(backend) },
    routes: { app: { hosts: [host], gateways: ['web'], http: [{ route: [{ destination: { upstream: 'app' } }] }] } },
    certificates: {} as Record<string, unknown>,
  };
}

export const upstream = (...backends: Backend[]) => ({
  port: 9080,
  endpoints: backends.map(({ port, name }) => ({ address: '127.0.0.1', port, labels: { version: name } })),
});

/** A route with a direct response of this text. */
export const saying = (host: string, body: string) => ({
  hosts: [host],
  gateways: ['web'],
  http: [{ directResponse: { status: 200, body } }],
});
