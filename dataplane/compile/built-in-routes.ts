import type { ServerNames } from '../../model/binding/same-server.ts';
import type { Scope } from '../../model/binding/scope-table.ts';
import { ESCAPED_SLASH } from '../../model/matching/path.ts';
import { MAX_ASKED } from '../../model/matching/preflight.ts';
import type { HeaderMatcher } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import type { StringMatcher } from '../envoy/gen/envoy/type/matcher/v3/string.ts';
import { redirectToHttps } from './action/redirect.ts';
import { onBuiltInRoute } from './composite.ts';
import { CHALLENGE_PREFIX, PASSED } from './manager/filters/challenges.ts';
import { COVERED, SERVER_NAME_HEADER, serverNamed } from './values/names.ts';

/**
 * Builds the routes of a host that Envoy tries before the host's rules. They handle requests that arrived on the
 * connection of another host, and requests whose path must be changed or rejected first.
 *
 * @param names the hosts of the scope's server, if only its connections may carry requests for the scope
 * @returns in the order in which Envoy tries them: the connection check (HTTPS only), the path of slashes, and the
 *   escaped slashes (unless the server keeps them), and the preflights that are too long
 */
export function builtInRoutes(scope: Scope, hasPreflights: boolean, names?: ServerNames): Route[] {
  return [
    ...connectionRoutes(scope, names),
    onlySlashes,
    ...(scope.escapedSlashes === 'redirect' ? [redirected] : scope.escapedSlashes === 'reject' ? [rejected] : []),
    ...(hasPreflights ? longPreflights : []),
  ];
}

/** Builds the routes that check whether the connection may carry requests for the scope. Parameters as above. */
export const connectionRoutes = ({ protocol, host, profile }: Scope, names?: ServerNames): Route[] =>
  profile ? [foreign(host)] : protocol === 'HTTPS' ? [misdirected(host, names)] : [];

/**
 * Builds the route that answers 421 (RFC 9110 §15.5.20) if the connection is for another host. Nearly all requests do
 * not match the route, which costs them one comparison. For the others, a script checks whether the certificate of the
 * connection covers the host. A client that sent no server name got the certificate of `*`.
 */
const misdirected = (host: string, names?: ServerNames): Route =>
  Route.fromPartial({
    name: 'misdirected',
    match: {
      pathSpecifier: { $case: 'prefix', value: '/' },
      headers: [
        ...(host === '*' ? [isNot(serverNamed(''))] : []),
        ...(host.startsWith('*') ? [] : [isNot(serverNamed(host))]),
        isNot(COVERED),
      ],
    },
    action: { $case: 'directResponse', value: { status: 421 } },
    ...(names ? onBuiltInRoute.sameServer(names) : onBuiltInRoute.connection),
  });

/**
 * Builds the route that answers 421 if the host of a request is not the server name of its connection. It is for hosts
 * with a TLS profile. The server name has selected the host, so a request with the exact host passes after one
 * comparison; a script compares all other spellings.
 */
const foreign = (host: string): Route =>
  Route.fromPartial({
    name: 'misdirected',
    match: {
      pathSpecifier: { $case: 'prefix', value: '/' },
      headers: [...(host.startsWith('*') ? [] : [isNot(host, ':authority')]), isNot(COVERED)],
    },
    action: { $case: 'directResponse', value: { status: 421 } },
    ...onBuiltInRoute.ownName,
  });

/** The route that answers 421 to every request that reaches a host without the TLS profile of the host. */
export const withoutProfile = Route.fromPartial({
  name: 'misdirected',
  match: { pathSpecifier: { $case: 'prefix', value: '/' } },
  action: { $case: 'directResponse', value: { status: 421 } },
});

/** Builds the route that sends every request of an HTTP host to https. */
export const toHttps = (scope: Scope, port: number): Route =>
  Route.fromPartial({
    name: 'https-redirect',
    match: { pathSpecifier: { $case: 'prefix', value: '/' } },
    ...redirectToHttps(scope, port),
  });

function isNot(value: string, name = SERVER_NAME_HEADER): HeaderMatcher {
  const stringMatch = { matchPattern: { $case: 'exact' as const, value }, ignoreCase: false };
  return {
    name,
    headerMatchSpecifier: { $case: 'stringMatch', value: stringMatch },
    invertMatch: true,
    // Without this field, Envoy would not match a request that lacks the header.
    treatMissingHeaderAsEmpty: true,
  };
}

/**
 * The route that lets the agent answer requests of certificate authorities. Requests that it does not answer continue
 * with the next routes.
 */
export const challenge = Route.fromPartial({
  name: 'acme-challenge',
  match: {
    pathSpecifier: { $case: 'prefix', value: CHALLENGE_PREFIX },
    dynamicMetadata: [
      {
        filter: PASSED.filter,
        path: [{ segment: { $case: 'key', value: PASSED.key } }],
        value: { matchPattern: { $case: 'presentMatch', value: true } },
        invert: true,
      },
    ],
  },
  action: { $case: 'directResponse', value: { status: 404 } },
  ...onBuiltInRoute.challenge,
});

/** The route that makes a path of slashes one slash, and looks for a route again. */
export const onlySlashes = Route.fromPartial({
  name: 'only-slashes',
  match: { pathSpecifier: { $case: 'path', value: '//' } },
  action: { $case: 'directResponse', value: { status: 400 } },
  ...onBuiltInRoute.slashes,
});

const withEscapedSlash = {
  pathSpecifier: { $case: 'safeRegex' as const, value: { regex: `.*${ESCAPED_SLASH.source}.*` } },
  // Paths without an escape skip the regular expression.
  headers: [
    {
      name: ':path',
      headerMatchSpecifier: {
        $case: 'stringMatch' as const,
        value: { matchPattern: { $case: 'contains' as const, value: '%' } },
      },
    },
  ],
};

const redirected = Route.fromPartial({
  name: 'escaped-slashes',
  match: withEscapedSlash,
  action: { $case: 'directResponse', value: { status: 400 } },
  ...onBuiltInRoute.escapedSlashes,
});

const rejected = Route.fromPartial({
  name: 'escaped-slashes',
  match: withEscapedSlash,
  action: { $case: 'directResponse', value: { status: 400 } },
});

/**
 * The routes that answer 400 to preflights with a very long list of headers. Conditions of preflights compare this list
 * with patterns, whose time `model/matching/pattern-costs.ts` does not count because the list is short.
 */
const longPreflights = Object.entries(MAX_ASKED).map(([name, limit]) =>
  Route.fromPartial({
    name: 'long-preflight',
    match: {
      pathSpecifier: { $case: 'prefix', value: '/' },
      headers: [matching(':method', { $case: 'exact', value: 'OPTIONS' }), matching(name, longerThan(limit))],
    },
    action: { $case: 'directResponse', value: { status: 400 } },
  }),
);

/** RE2 accepts at most 1,000 repetitions. */
function longerThan(limit: number): StringMatcher['matchPattern'] {
  return { $case: 'safeRegex', value: { regex: `.{${limit}}.+` } };
}

function matching(name: string, matchPattern: StringMatcher['matchPattern']): Partial<HeaderMatcher> {
  return { name, headerMatchSpecifier: { $case: 'stringMatch', value: { matchPattern, ignoreCase: false } } };
}
