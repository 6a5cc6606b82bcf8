import { type Api, connect } from '../../openapi/client.ts';
import { Failure } from '../process/failure.ts';
import { rejected } from './problems.ts';
import type { Profile } from './profile.ts';

/** A typed client of one API, with one token. */
export type Remote = Api;

/**
 * @returns a client whose calls throw Failure, with the URL and the reason, when the API cannot be reached
 */
export function connectTo({ url, token }: Profile): Remote {
  return connect(url, token, (request) =>
    fetch(request).catch((error: unknown) => {
      throw new Failure(`The API at ${url} cannot be reached: ${reasonOf(error)}.`);
    }),
  );
}

/** `fetch` says only "fetch failed"; the reason is in its cause, or in the causes of a cause with several addresses. */
function reasonOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  return first instanceof Error ? first.message : String(first);
}

interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * @param what the attempt, as the subject of an error message: `Reading the tenant`
 * @returns the body of a successful reply
 * @throws Failure with what the API's problem document says
 */
export function accepted<T>(what: string, { data, error, response }: Reply<T>): T {
  if (response.ok) return data as T;
  throw rejected(what, response, error);
}
