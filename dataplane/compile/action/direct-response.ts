import { type DirectResponse, isBodiless } from '../../../model/route/direct-response.ts';
import type { ActionParts } from './parts.ts';

/** Builds the direct response of a rule. */
export function directResponse({ status, body, contentType, headers }: DirectResponse): ActionParts {
  // Stored rules may have bodies that the API accepted before it rejected them.
  const sent = body === undefined || isBodiless(status) ? undefined : inline(body);
  const set = { ...headers, ...(contentType !== undefined && sent && { 'content-type': contentType }) };
  return {
    action: { $case: 'directResponse', value: { status, body: sent, bodyFormat: undefined } },
    response: { set },
    ...(pointsToItself(status) && { responseHeadersToRemove: ['location'] }),
  };
}

/**
 * Returns whether Envoy would add a `location` header to a direct response. That header points to the request's own
 * URL, so the route removes it. Envoy removes headers before it adds others, so a `location` of the rule stays.
 */
const pointsToItself = (status: number): boolean => status === 201 || (status >= 300 && status < 400);

const inline = (value: string) => ({
  specifier: { $case: 'inlineString' as const, value },
  watchedDirectory: undefined,
});
