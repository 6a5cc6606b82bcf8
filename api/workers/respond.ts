import type { App } from '../app.ts';

type WaitUntil = (work: Promise<unknown>) => void;

/** The environment of a request, for the app. */
export interface Env {
  remote: string;
  /** Absent in a Durable Object, which keeps work alive without it. */
  waitUntil: WaitUntil | undefined;
}

/**
 * Passes a request to the app, with the IP address of the caller. Cloudflare sets the header that contains the address,
 * and removes a header of this name that the caller sent.
 */
export const respond = async (app: App, request: Request, waitUntil?: WaitUntil): Promise<Response> =>
  app.fetch(request, { remote: request.headers.get('cf-connecting-ip') ?? '', waitUntil });
