import type { Server, ServerResponse } from 'node:http';
import { createServer } from '../http.ts';
import type { Metrics } from './metrics.ts';

/** The parts of an agent that it serves over HTTP. */
export interface Observed {
  readonly ready: boolean;
  /** Why the API rejects the agent; undefined when it does not. */
  readonly rejection: string | undefined;
  readonly state: unknown;
  dump(node?: string): unknown;
}

/**
 * Creates the HTTP server of the agent. The caller lets it listen. It answers GET requests:
 *
 * - `/healthz`: 200 while the process runs
 * - `/readyz`: 200 if the agent can serve every host of the fleet, otherwise 503; `reason` says why the API rejects it
 * - `/metrics`: metrics in Prometheus' format
 * - `/state`: the agent's cursor and nodes
 * - `/dump?node=…`: the names and versions of the resources that were sent to each Envoy, never a secret
 */
export function healthServer(agent: Observed, metrics: Metrics): Server {
  return createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://agent');
    if (request.method !== 'GET') return json(response, 405, { error: 'only GET is answered here' });
    switch (url.pathname) {
      case '/healthz':
        return json(response, 200, { status: 'ok' });
      case '/readyz':
        return json(response, agent.ready ? 200 : 503, {
          status: agent.ready ? 'ready' : 'waiting for the first snapshot',
          ...(agent.rejection !== undefined && { reason: agent.rejection }),
        });
      case '/state':
        return json(response, 200, agent.state);
      case '/dump':
        return json(response, 200, agent.dump(url.searchParams.get('node') ?? undefined));
      case '/metrics':
        response.writeHead(200, { 'content-type': metrics.contentType });
        return response.end(await metrics.render());
      default:
        return json(response, 404, { error: 'there are /healthz, /readyz, /metrics, /state and /dump?node=' });
    }
  });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
