import type { Scope } from '../../../model/binding/scope.ts';
import type { RankedRule } from '../../../model/matching/precedence.ts';
import { redirectTarget } from '../../../model/matching/redirect.ts';
import { DEFAULT_REDIRECT_STATUS, type Redirect } from '../../../model/route/redirect.ts';
import {
  HeaderValueOption_HeaderAppendAction as Append,
  type HeaderValueOption,
} from '../../envoy/gen/envoy/config/core/v3/base.ts';
import {
  RedirectAction_RedirectResponseCode as Code,
  RedirectAction,
  type Route,
} from '../../envoy/gen/envoy/config/route/v3/route_components.ts';
import type { ActionParts, Place } from './parts.ts';
import { envoyPathRewrite } from './path.ts';

/**
 * The host of the request without its port, as `hostOfAuthority` computes it. Envoy's own redirect either keeps the
 * port that the client wrote, which differs from the public port behind a load balancer, or always writes a port.
 */
const HOST = "%CEL(re.extract(request.host, '^([[][^]]*[]]|[^:]*).*', r'\\1'))%";

const codes: Readonly<Record<NonNullable<Redirect['status']>, Code>> = {
  301: Code.MOVED_PERMANENTLY,
  302: Code.FOUND,
  303: Code.SEE_OTHER,
  307: Code.TEMPORARY_REDIRECT,
  308: Code.PERMANENT_REDIRECT,
};

/**
 * Builds the redirect of a rule. Envoy rewrites the path of the request and sends the response; the route writes the
 * `location` header from that path.
 *
 * @param rule a rule with `redirect`
 */
export function redirect({ spec, condition }: RankedRule, { scope }: Pick<Place, 'scope'>): ActionParts {
  const { status = DEFAULT_REDIRECT_STATUS } = spec.redirect!;
  const { scheme, host = HOST, port, path } = redirectTarget(spec.redirect!, condition, scope);
  const value = RedirectAction.fromPartial({
    responseCode: codes[status],
    ...(path && { pathRewriteSpecifier: specifier(envoyPathRewrite(path, condition)) }),
  });
  return { action: { $case: 'redirect', value }, responseHeadersToAdd: [location(scheme, host, port)] };
}

/** Builds the action that sends every request of a host to https. */
export function redirectToHttps(scope: Scope, port: number): Pick<Route, 'action' | 'responseHeadersToAdd'> {
  const { scheme, host = HOST, port: written } = redirectTarget({ scheme: 'https', port }, {}, scope);
  const value = RedirectAction.fromPartial({ responseCode: Code.MOVED_PERMANENTLY });
  return { action: { $case: 'redirect', value }, responseHeadersToAdd: [location(scheme, host, written)] };
}

const location = (scheme: string, host: string, port: string): HeaderValueOption => ({
  header: { key: 'location', value: `${scheme}://${host}${port}%REQ(:PATH)%`, rawValue: new Uint8Array(0) },
  appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD,
  keepEmptyValue: false,
});

const specifier = (rewrite: ReturnType<typeof envoyPathRewrite>): RedirectAction['pathRewriteSpecifier'] =>
  'prefixRewrite' in rewrite
    ? { $case: 'prefixRewrite', value: rewrite.prefixRewrite }
    : { $case: 'regexRewrite', value: rewrite.regexRewrite };
