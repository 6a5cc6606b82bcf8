import { type Api, connect } from '../../openapi/client.ts';
import { whyUnreachable } from '../../wire/why-unreachable.ts';
import { Failure } from '../process/failure.ts';
import { rejected } from './problems.ts';
import type { Profile } from './profile.ts';

/** A typed client of one API, with one token. */
export type Remote = Api;

/**
 * Creates a client of an API.
 *
 * @returns a client whose calls throw Failure, with the URL and the reason, when the API cannot be reached
 */
export function connectTo({ url, token }: Profile): Remote {
  return connect(url, token, (request) =>
    fetch(request).catch((error: unknown) => {
      throw new Failure(`The API at ${url} cannot be reached: ${reasonOf(error)}.`);
    }),
  );
}

/**
 * Finds the reason of a failed `fetch`. Its message is only "fetch failed". The reason is in its cause, or, for a host
 * with several addresses, in the errors of the cause.
 */
function reasonOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  return first instanceof Error ? whyUnreachable(first) : String(first);
}

interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * Returns the body of a successful reply.
 *
 * @param what the attempt, as the start of an error message, such as `Reading the tenant`
 * @returns the body of a successful reply
 * @throws Failure with the content of the API's problem document
 */
export function accepted<T>(what: string, { data, error, response }: Reply<T>): T {
  if (response.ok) return data as T;
  throw rejected(what, response, error);
}
