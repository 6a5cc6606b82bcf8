/** Which rule serves a request, and why not the others (PRODUCT R9). */
import { serve } from '../binding/bind.ts';
import type { Configuration } from '../configuration.ts';
import type { Fleet } from '../fleet.ts';
import { mismatch } from '../matching/mismatch.ts';
import { DOT_SEGMENT_WITH_PARAMETERS, normalisePath, withoutEscapedSlashes } from '../matching/path.ts';
import { pathRewrite } from '../matching/path-rewrite.ts';
import { rulesFor, type ServedRule } from '../matching/precedence.ts';
import { matcher } from '../regex/regex.ts';
import { type HostPattern, normalise, WILDCARD_STEPS } from '../values/host.ts';

export interface Question {
  /** The public port; default 80 for http, 443 for https. */
  port?: number;
  scheme?: 'http' | 'https';
  authority: string;
  /** With its query. */
  path: string;
  method?: string;
  headers?: Record<string, string>;
}

interface Tried {
  /** `routes/reviews`. */
  resource: string;
  path: string;
  why: string;
}

export type Explanation =
  | { outcome: 'matched'; port: number; host: HostPattern; served: ServedRule; tried: Tried[] }
  | { outcome: 'redirect'; status: 307; location: string; why: string }
  | { outcome: 'rejected'; status: 400 | 403; why: string }
  | { outcome: 'not-found'; status: 404; port: number; host?: HostPattern; why: string; tried: Tried[] };

export function explain(configuration: Configuration, tenant: string, fleet: Fleet, question: Question): Explanation {
  const { scheme = 'http', method = 'GET', authority } = question;
  const port = question.port ?? (scheme === 'https' ? 443 : 80);
  const located = normalisePath(question.path);
  if (DOT_SEGMENT_WITH_PARAMETERS.test(located.path))
    return { outcome: 'rejected', status: 403, why: 'the path has a dot segment with parameters' };
  const host = normalise(authority);
  const scope = serve(configuration, tenant, fleet).scopeFor(port, host, stepsFor(authority, host));
  if (!scope)
    return { outcome: 'not-found', status: 404, port, why: `no gateway admits ${host} on port ${port}`, tried: [] };
  const plain = scope.routes.length > 0 && withoutEscapedSlashes(located.path);
  if (plain && scope.escapedSlashes !== 'keep') {
    const why = 'the path holds an escaped slash';
    return scope.escapedSlashes === 'reject'
      ? { outcome: 'rejected', status: 400, why }
      : { outcome: 'redirect', status: 307, location: plain + located.query, why };
  }
  const request = { method, ...located, headers: lowerCased(question.headers ?? {}) };
  const tried: Tried[] = [];
  for (const served of rulesFor(configuration, scope)) {
    const why = mismatch(served.condition, request);
    if (why === undefined)
      return makesDotSegment(served, located.path)
        ? { outcome: 'rejected', status: 403, why: 'the rewritten path would have a dot segment' }
        : { outcome: 'matched', port, host: scope.host, served, tried };
    tried.push({ resource: `routes/${served.route}`, path: `/http/${served.rule}/match/${served.match}`, why });
  }
  const why =
    scope.routes.length === 0
      ? `${scope.host} is admitted, but no route is bound to it`
      : `no rule of ${scope.routes.join(', ')} matches`;
  return { outcome: 'not-found', status: 404, port, host: scope.host, why, tried };
}

function makesDotSegment({ spec, condition }: ServedRule, path: string): boolean {
  const rewrite = spec.rewrite?.uri === undefined ? undefined : pathRewrite(spec.rewrite.uri, condition);
  return rewrite?.kind === 'prefix' && rewrite.rejected !== undefined && matcher(rewrite.rejected)(path);
}

/** Envoy first looks up another spelling, which takes one step. The port is not part of the key. */
const stepsFor = (authority: string, host: string): number =>
  authority.replace(/:\d*$/, '') === host ? WILDCARD_STEPS : WILDCARD_STEPS - 1;

const lowerCased = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
