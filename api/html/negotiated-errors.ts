import { accepts } from 'hono/accepts';
import { type ErrorFormat, problemFormat } from '../http/route.ts';
import { pageErrors } from './errors.ts';

/** Errors of paths that browsers and programs open: web pages if the client prefers HTML, problem documents otherwise. */
export const negotiatedErrors: ErrorFormat = {
  respond(thrown, requestId, c) {
    const supports = ['application/problem+json', 'application/json', 'text/html'];
    const type = accepts(c, { header: 'Accept', supports, default: 'application/problem+json' });
    const response = (type === 'text/html' ? pageErrors : problemFormat).respond(thrown, requestId, c);
    response.headers.append('vary', 'accept');
    return response;
  },
  documented: problemFormat.documented,
};
