import type { Agent, ClientRequest, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import * as http from '../http.ts';

export interface ApiOptions {
  /** Base URL of the control API, without a slash at the end. */
  api: string;
  /** Returns the bearer token for the next request; undefined while the agent has none. */
  token: () => string | undefined;
  fleet: string;
}

/**
 * Sends requests about one fleet to the control API, over connections that are kept open. It uses `node:http`, because
 * the built-in `fetch` would load another HTTP client into memory.
 */
export class FleetApi {
  readonly #options: ApiOptions;
  readonly #isSecure: boolean;
  readonly #agent: Agent;

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#isSecure = options.api.startsWith('https:');
    this.#agent = new (this.#isSecure ? HttpsAgent : http.Agent)({ keepAlive: true });
  }

  /** Starts a request. @param path the path below the fleet's own, such as `/feed` */
  request(path: string, { headers, ...more }: RequestOptions & { headers: Record<string, string> }): ClientRequest {
    const { api, token, fleet } = this.#options;
    const bearer = token();
    return (this.#isSecure ? httpsRequest : http.request)(`${api}/v1/fleets/${fleet}${path}`, {
      agent: this.#agent,
      headers: { ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }), ...headers },
      ...more,
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
