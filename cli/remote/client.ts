import { Failure } from '../process/failure.ts';

export { type Api as Control, connect as control } from '../../openapi/client.ts';

interface Violation {
  pointer?: string;
  path?: string;
  message?: string;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * The body of a good answer.
 *
 * @throws Failure with what the API's problem document says
 */
export function accepted<T>(what: string, { data, error, response }: Answer<T>): T {
  if (response.ok) return data as T;
  const problem = (error ?? {}) as { title?: string; detail?: string; violations?: Violation[] };
  const said = problem.detail ?? problem.title ?? response.statusText;
  throw new Failure(
    `${what}: the API answered ${response.status}, ${said}`,
    (problem.violations ?? []).map(({ pointer, path, message }) => `${pointer ?? path ?? ''} ${message ?? ''}`.trim()),
  );
}
