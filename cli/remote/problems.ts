import type { Schemas } from '../../openapi/client.ts';
import { Failure } from '../process/failure.ts';

/**
 * Makes a readable error from an error response: the failed attempt, the status, the reason, and one line per violation
 * with its tenant, resource and JSON pointer.
 *
 * @param body the problem document; any other body, such as the HTML page of a proxy, is ignored
 */
export function rejected(what: string, response: Response, body: unknown): Failure {
  const problem: Partial<Schemas['Problem']> = body !== null && typeof body === 'object' ? body : {};
  const { detail, title, requestId, violations = [], moreViolations = 0 } = problem;
  const lines = violations.map(({ tenant, resource, pointer, path, message, hint }) =>
    [tenant && `tenant ${tenant}:`, resource, pointer ?? path, message, hint && `(${hint})`].filter(Boolean).join(' '),
  );
  if (moreViolations > 0) lines.push(`and ${moreViolations} more`);
  // An operator finds the cause of an internal error by its request id.
  if (response.status >= 500 && requestId) lines.push(`request ${requestId}`);
  return new Failure(`${what}: the API answered ${response.status}, ${detail ?? title ?? response.statusText}`, lines);
}
