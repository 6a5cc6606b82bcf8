import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.ts';

export type Api = Client<paths>;
export type Schemas = components['schemas'];

/**
 * Creates a typed client of the control API. Every call resolves to `{ data, error, response }`. `error` is a problem
 * document.
 *
 * @param fetch replaces the global fetch, for tests and for keep-alive agents
 */
export function connect(url: string, token: string, fetch?: (request: Request) => Promise<Response>): Api {
  return createClient<paths>({
    baseUrl: url,
    headers: { authorization: `Bearer ${token}` },
    ...(fetch && { fetch }),
  });
}
