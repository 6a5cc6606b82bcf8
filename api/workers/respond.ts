import type { App } from '../app.ts';

/**
 * Answers like the app, with the address of the caller. Cloudflare sets the header and removes one that the caller
 * sent.
 */
export const respond = async (app: App, request: Request): Promise<Response> =>
  app.fetch(request, { remote: request.headers.get('cf-connecting-ip') ?? '' });
