import type { App } from '../app.ts';

/**
 * Passes a request to the app, with the IP address of the caller. Cloudflare sets the header that contains the address,
 * and removes a header of this name that the caller sent.
 */
export const respond = async (app: App, request: Request): Promise<Response> =>
  app.fetch(request, { remote: request.headers.get('cf-connecting-ip') ?? '' });
