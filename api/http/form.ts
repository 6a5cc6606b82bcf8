import { pointer } from '../../model/values/pointer.ts';
import { clipped } from '../../model/values/quote.ts';
import { Problem } from '../problem.ts';

/** The media type of the bodies of HTML forms, and of requests of OAuth 2.0. */
export const FORM = 'application/x-www-form-urlencoded';

/**
 * Parses a query, or the body of a form.
 *
 * @param where the start of the detail of a problem: `in the query`
 * @throws Problem `malformed-request` when the escapes are not UTF-8
 * @throws Problem `invalid-request` when a parameter occurs more than once, because one of its values would be ignored
 */
export function readForm(text: string, where: string): Record<string, string> {
  requireUtf8(text, where);
  return Object.fromEntries(onceEach(new URLSearchParams(text), where));
}

function onceEach(parameters: URLSearchParams, where: string): URLSearchParams {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of parameters.keys()) {
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  if (repeated.size === 0) return parameters;
  const violations = [...repeated].map((name) => ({
    path: pointer([name]),
    code: 'duplicate',
    message: `${clipped(name)} is given more than once`,
  }));
  throw new Problem('invalid-request', { detail: where, violations });
}

/** Checks that the escapes are UTF-8, because `URLSearchParams` silently replaces invalid ones. */
function requireUtf8(text: string, where: string): void {
  if (!text.includes('%')) return;
  try {
    decodeURIComponent(text.replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25'));
  } catch (cause) {
    throw new Problem('malformed-request', { detail: `${where}: it is not UTF-8`, cause });
  }
}
