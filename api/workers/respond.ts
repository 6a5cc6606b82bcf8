import type { App } from '../app.ts';

/** Answers as the app does, and tells it who called: Cloudflare sets the header, and takes away a caller's own. */
export const respond = async (app: App, request: Request): Promise<Response> =>
  app.fetch(request, { remote: request.headers.get('cf-connecting-ip') ?? '' });
